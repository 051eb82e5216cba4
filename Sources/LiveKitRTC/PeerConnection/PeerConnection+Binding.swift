internal import LiveKitCore

// Which section and layer an SSRC belongs to that was not seen before (RFC 8843 §9.2).
extension PeerConnection {
    /// Streams at most; a peer that makes up more gets no further ones (RFC 8852 layers and their repairs for
    /// each of 64 sections would be 384).
    private static let streamLimit = 512

    func bind(_ info: RTPPacketInfo, in packet: RawSpan, now: MediaInstant) -> InboundStream? {
        guard inbound.count + repairs.count < Self.streamLimit else { return nil }
        if let primary = sections.repairs[info.ssrc] {
            note(repair: info.ssrc, of: primary)
            return nil
        }
        if let (section, layer) = sections.announced(info.ssrc) {
            return open(info, section: section, rid: layer.map { Self.layerNames[min($0, 2)] })
        }
        let mid = text(sections.extensions.mid, info, packet)
        // A mid that is named is the answer, also when its section receives nothing any more.
        let found = mid.map(sections.section(mid:)) ?? sections.soleSection(payloadType: info.payloadType)
        guard let section = found else { return nil }
        if let repaired = text(sections.extensions.repairedRID, info, packet) {
            bindRepair(info.ssrc, section: section, rid: repaired)
            return nil
        }
        return open(info, section: section, rid: text(sections.extensions.rid, info, packet))
    }

    /// LiveKit's names for the layers of a simulcast that is announced by SSRC group, lowest first.
    private static let layerNames = ["q", "h", "f"]

    private func open(_ info: RTPPacketInfo, section: NegotiatedSection, rid: String?) -> InboundStream? {
        if let rtx = section.codecs.first(where: { $0.rtxPayloadType == info.payloadType }), rtx.rtxPayloadType != nil {
            // A repair that names no layer repairs the section's only stream.
            bindRepair(info.ssrc, section: section, rid: rid)
            return nil
        }
        guard let codec = section.codecs.first(where: { $0.payloadType == info.payloadType }) else { return nil }
        let stream = InboundStream(ssrc: info.ssrc, section: section, codec: codec, rid: rid)
        inbound[info.ssrc] = stream
        receiver?.allow(ssrc: info.ssrc)
        return stream
    }

    private func bindRepair(_ ssrc: SSRC, section: NegotiatedSection, rid: String?) {
        let repaired = inbound.values.first { $0.section == section.index && $0.rid == rid }
        guard let repaired else { return }
        note(repair: ssrc, of: repaired.ssrc)
    }

    private func note(repair ssrc: SSRC, of primary: SSRC) {
        inbound[primary]?.rtxSSRC = ssrc
        repairs[ssrc] = primary
        receiver?.allow(ssrc: ssrc)
    }

    private func text(_ id: UInt8?, _ info: RTPPacketInfo, _ packet: RawSpan) -> String? {
        guard let id, let range = info.extensionRange(id: id, in: packet), range.size > 0 else { return nil }
        var reader = ByteReader(packet)
        return try? { () throws(WireError) -> String in
            try reader.skip(range.offset)
            return try reader.readString(range.size)
        }()
    }
}
