internal import LiveKitCore

// Which section and layer an SSRC belongs to that was not seen before (RFC 8843 §9.2).
extension PeerConnection {
    /// Streams at most; a peer that makes up more gets no further ones (RFC 8852 layers and their repairs for
    /// each of 64 sections would be 384).
    static let streamLimit = 512
    /// Streams among them that no description named, their repairs apart: the layers of twenty cameras. The one that
    /// was not heard for longest makes room, since a peer may go on to other SSRCs for as long as it likes.
    static let unannouncedStreams = 64
    /// What the one-byte form of an extension holds. Names up to 15 bytes cost no allocation, which keeps packets of
    /// unknown streams cheap.
    private static let nameLimit = 16

    func bind(_ info: RTPPacketInfo, in packet: RawSpan, now: MediaInstant) -> InboundStream? {
        guard inbound.count + repairs.count + corrections.count < Self.streamLimit else { return nil }
        if let primary = sections.corrections[info.ssrc] {
            note(correction: info.ssrc, of: primary)
            return nil
        }
        if let primary = sections.repairs[info.ssrc] {
            note(repair: info.ssrc, of: primary)
            return nil
        }
        if let (section, layer) = sections.announced(info.ssrc) {
            let rid = layer.map { Self.layerNames[min($0, 2)] }
            return open(info, section: section, rid: rid, isAnnounced: true, in: packet, now: now)
        }
        let mid = text(sections.extensions.mid, info, packet)
        // A mid that is named is the answer, also when its section receives nothing any more.
        let found = mid.map(sections.section(mid:)) ?? sections.soleSection(payloadType: info.payloadType)
        guard let section = found else { return nil }
        if let repaired = text(sections.extensions.repairedRID, info, packet) {
            bindRepair(info.ssrc, section: section, rid: repaired)
            return nil
        }
        let rid = text(sections.extensions.rid, info, packet)
        return open(info, section: section, rid: rid, isAnnounced: false, in: packet, now: now)
    }

    /// LiveKit's names for the layers of a simulcast that is announced by SSRC group, lowest first.
    private static let layerNames = ["q", "h", "f"]

    private func open(
        _ info: RTPPacketInfo, section: NegotiatedSection, rid: String?, isAnnounced: Bool, in packet: RawSpan,
        now: MediaInstant
    ) -> InboundStream? {
        if let rtx = section.codecs.first(where: { $0.rtxPayloadType == info.payloadType }), rtx.rtxPayloadType != nil {
            // A repair that names no layer repairs the section's only stream.
            bindRepair(info.ssrc, section: section, rid: rid)
            return nil
        }
        guard let codec = section.codecs.first(where: { $0.payloadType == info.payloadType }) else { return nil }
        if codec.isFlexFEC {
            bindCorrection(info, section: section, in: packet)
            return nil
        }
        guard let primary = codec.isRED ? section.primary(of: codec) : codec else { return nil }
        if !isAnnounced { makeRoom() }
        let stream = InboundStream(
            ssrc: info.ssrc, section: section, codec: primary, rid: rid, isAnnounced: isAnnounced, now: now)
        inbound[info.ssrc] = stream
        if sections.corrections.values.contains(info.ssrc) { beginCorrection(of: stream) }
        receiver?.allow(ssrc: info.ssrc)
        return stream
    }

    private func makeRoom() {
        let unannounced = inbound.values.filter { !$0.isAnnounced }
        guard unannounced.count >= Self.unannouncedStreams,
            let oldest = unannounced.min(by: { $0.heardAt < $1.heardAt })
        else { return }
        forget([oldest])
    }

    /// Lets go of streams, and of repairs that have none.
    func forget(_ streams: [InboundStream]) {
        for stream in streams {
            receiver?.remove(ssrc: stream.ssrc)
            inbound[stream.ssrc] = nil
        }
        for (correction, primary) in corrections where inbound[primary] == nil {
            receiver?.remove(ssrc: correction)
            corrections[correction] = nil
        }
        for (repair, primary) in repairs where inbound[primary] == nil {
            receiver?.remove(ssrc: repair)
            repairs[repair] = nil
        }
    }

    private func bindRepair(_ ssrc: SSRC, section: NegotiatedSection, rid: String?) {
        let repaired = inbound.values.first { $0.section == section.index && $0.rid == rid }
        guard let repaired else { return }
        note(repair: ssrc, of: repaired.ssrc)
    }

    /// A stream has one stream of retransmissions (RFC 4588 §5.3): another takes the place of the one before, unless
    /// the description named that one.
    private func note(repair ssrc: SSRC, of primary: SSRC) {
        if let former = inbound[primary]?.rtxSSRC, former != ssrc, repairs[former] == primary {
            guard sections.repairs[former] != primary else { return }
            receiver?.remove(ssrc: former)
            repairs[former] = nil
        }
        inbound[primary]?.rtxSSRC = ssrc
        repairs[ssrc] = primary
        receiver?.allow(ssrc: ssrc)
    }

    private func text(_ id: UInt8?, _ info: RTPPacketInfo, _ packet: RawSpan) -> String? {
        guard let id, let range = info.extensionRange(id: id, in: packet), (1...Self.nameLimit).contains(range.size)
        else { return nil }
        return unsafe packet.clamped(offset: range.offset, size: range.size).withUnsafeBytes {
            unsafe String(decoding: $0, as: UTF8.self)
        }
    }
}
