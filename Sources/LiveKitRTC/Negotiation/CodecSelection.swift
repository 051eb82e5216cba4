internal import LiveKitCore

/// Finds what two lists of codecs have in common.
enum CodecSelection {
    /// The codecs to answer an offer with: the offerer's payload types and parameters, our feedback.
    static func answer(
        to offered: [RTPCodec], with capabilities: [CodecCapability], preferences: SectionPreferences,
        keepsOfferedOrder: Bool, prefersRED: Bool
    ) -> [RTPCodec] {
        let allowed = capabilities.preferring(preferences.codecs)
        var chosen: [(position: Int, codec: RTPCodec)] = []
        for capability in allowed {
            let identity = CodecIdentity(capability)
            guard let position = offered.firstIndex(where: { CodecIdentity($0) == identity }),
                !chosen.contains(where: { $0.position == position })
            else { continue }
            var codec = offered[position]
            codec.feedback = common(codec.feedback, capability.feedback)
            if capability.rtxPayloadType == nil { codec.rtxPayloadType = nil }
            let changes = preferences.formatParameters.first { $0.key.lowercased() == identity.name }?.value
            for entry in changes?.entries ?? [] { codec.formatParameters[entry.name] = entry.value }
            chosen.append((position, codec))
        }
        if keepsOfferedOrder, preferences.codecs.isEmpty { chosen.sort { $0.position < $1.position } }
        let sound = soundRedundancy(chosen.map(\.codec))
        return preferences.codecs.isEmpty ? ordered(sound, prefersRED: prefersRED) : sound
    }

    /// What the peer took of our offer, in its order.
    static func accepted(by answered: [RTPCodec], of offered: [RTPCodec]) -> [RTPCodec] {
        let codecs = answered.compactMap { answer -> RTPCodec? in
            guard
                let offer = offered.first(where: { offer in
                    offer.payloadType == answer.payloadType && offer.clockRate == answer.clockRate
                        && offer.name.lowercased() == answer.name.lowercased()
                })
            else { return nil }
            var codec = answer
            codec.feedback = common(answer.feedback, offer.feedback)
            if answer.rtxPayloadType != offer.rtxPayloadType { codec.rtxPayloadType = nil }
            return codec
        }
        // What repairs stays behind what it repairs, wherever the peer lists it.
        return ordered(soundRedundancy(codecs), prefersRED: false)
    }

    /// RED before what it wraps where it is preferred; what repairs the others at the end.
    static func ordered(_ codecs: [RTPCodec], prefersRED: Bool) -> [RTPCodec] {
        let media = codecs.filter { !$0.isFlexFEC && !(prefersRED && $0.isRED) }
        return (prefersRED ? codecs.filter(\.isRED) : []) + media + codecs.filter(\.isFlexFEC)
    }

    /// Our codecs as offered: RED names the payload types that it wraps.
    static func withRedundancyFormat(_ codecs: [RTPCodec]) -> [RTPCodec] {
        let primary = codecs.first { $0.name.lowercased() == "opus" }
        return soundRedundancy(
            codecs.map { codec in
                guard codec.isRED, let primary else { return codec }
                var codec = codec
                codec.formatParameters = FormatParameters("\(primary.payloadType)/\(primary.payloadType)")
                return codec
            })
    }

    /// Without RED that wraps what is not there, and nothing at all where no media is left.
    private static func soundRedundancy(_ codecs: [RTPCodec]) -> [RTPCodec] {
        let plain = Set(codecs.filter(\.isMedia).map(\.payloadType))
        guard !plain.isEmpty else { return [] }
        return codecs.filter { codec in
            guard codec.isRED else { return true }
            let wrapped = codec.formatParameters.entries.first?.name.split(separator: "/") ?? []
            return !wrapped.isEmpty && wrapped.allSatisfy { UInt8($0).map(plain.contains) ?? false }
        }
    }

    private static func common(_ messages: [String], _ ours: [String]) -> [String] {
        var seen: Set<String> = []
        return messages.filter { ours.contains($0) && seen.insert($0).inserted }
    }
}
