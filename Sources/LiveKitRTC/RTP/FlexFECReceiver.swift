package import LiveKitCore

/// Recovers the lost packets of one stream from its repair packets.
///
/// Tell it of each media packet as the network brought it, and of each repair packet's payload; what it recovers comes
/// out as whole RTP packets, to be taken as if received. A repair packet waits until all but one of its packets are
/// there; a recovered packet counts as there, so that one repair may lead to the next.
///
/// - SeeAlso: draft-ietf-payload-flexible-fec-scheme-03 §6.3.
package struct FlexFECReceiver: ~Copyable {
    private struct Repair {
        var header: FlexFECHeader
        var body: [UInt8]
        var missing: FlexFECMask

        func offset(of number: SequenceNumber) -> Int { header.base.distance(to: number) }
    }

    /// The stream that is protected.
    package let protected: SSRC
    /// What is written after protection.
    package var mutableExtensions: FlexFECMutableExtensions
    private var history = RetransmissionBuffer(capacity: RTPLimits.flexFECPackets)
    /// Numbers that came as retransmissions: there is no need for them, but their bytes are not the original's.
    private var retransmitted = [Int32](repeating: -1, count: RTPLimits.flexFECPackets)
    private var newest: SequenceNumber?
    /// Oldest first, at most `RTPLimits.flexFECRepairs`.
    private var repairs: [Repair] = []
    private var recovered: [[UInt8]] = []
    package private(set) var repairCount: UInt64 = 0
    package private(set) var recoveredCount: UInt64 = 0
    /// Repair packets that were malformed, came to nothing, or found no room.
    package private(set) var discardedCount: UInt64 = 0

    package init(protected: SSRC, mutableExtensions: FlexFECMutableExtensions = FlexFECMutableExtensions()) {
        self.protected = protected
        self.mutableExtensions = mutableExtensions
    }

    /// Notes a media packet, retransmissions apart.
    package mutating func receive(media packet: RawSpan, info: RTPPacketInfo) {
        guard info.ssrc == protected, packet.byteCount <= RTPLimits.packetSize else { return }
        if let newest, abs(newest.distance(to: info.sequenceNumber)) > RTPLimits.sequenceJump { restart() }
        let cleared = mutableExtensions.cleared(packet, info: info)
        keep(cleared.rawSpan, info.sequenceNumber)
        settle()
    }

    /// Notes that a packet came as a retransmission. It is not handed out again, though its original may still be
    /// recovered to repair others.
    package mutating func receive(retransmission number: SequenceNumber) {
        retransmitted[Int(number.rawValue) % retransmitted.count] = Int32(number.rawValue)
    }

    /// Takes the payload of a repair packet.
    package mutating func receive(repair payload: RawSpan) {
        repairCount &+= 1
        guard let (header, size) = try? FlexFECHeader.parse(payload), header.protected == protected,
            payload.byteCount - size <= RTPLimits.packetSize
        else {
            discardedCount &+= 1
            return
        }
        var missing = FlexFECMask()
        var rest = header.mask
        while let offset = rest.popFirst() {
            if history.withPacket(header.base.advanced(by: offset), { _ in true }) == nil { missing.insert(offset) }
        }
        guard !missing.isEmpty else { return }
        if repairs.count >= RTPLimits.flexFECRepairs {
            repairs.removeFirst()
            discardedCount &+= 1
        }
        let body = [UInt8](copying: payload.clamped(offset: size, size: payload.byteCount - size))
        repairs.append(Repair(header: header, body: body, missing: missing))
        settle()
    }

    /// The next packet that was recovered, whole, as it was sent but for the extensions written on its way.
    package mutating func pollRecovered() -> [UInt8]? {
        recovered.isEmpty ? nil : recovered.removeFirst()
    }

    private mutating func keep(_ packet: RawSpan, _ number: SequenceNumber) {
        history.store(packet, sequenceNumber: number)
        if newest.map({ number.isNewer(than: $0) }) ?? true { newest = number }
        for index in repairs.indices { repairs[index].missing.remove(repairs[index].offset(of: number)) }
    }

    /// Each turn takes one repair away, so it ends.
    private mutating func settle() {
        while let index = repairs.firstIndex(where: { $0.missing.count <= 1 || isTooOld($0) }) {
            let repair = repairs.remove(at: index)
            guard !repair.missing.isEmpty else { continue }
            guard repair.missing.count == 1, recover(by: repair) else {
                discardedCount &+= 1
                continue
            }
        }
    }

    /// Whether all that is missing fell out of what we remember.
    private func isTooOld(_ repair: Repair) -> Bool {
        guard let newest, let last = repair.missing.last else { return false }
        return repair.header.base.advanced(by: last).distance(to: newest) >= RTPLimits.flexFECPackets
    }

    private mutating func recover(by repair: Repair) -> Bool {
        guard let lost = repair.missing.first else { return false }
        var parity = FlexFECParity(repair.header, body: repair.body)
        var rest = repair.header.mask
        rest.remove(lost)
        while let offset = rest.popFirst() {
            let isThere = history.withPacket(repair.header.base.advanced(by: offset)) { packet in
                // A packet longer than what repairs it was not protected by it.
                guard packet.byteCount - FlexFECHeader.protectedHeaderSize <= repair.body.count else { return false }
                parity.add(packet)
                return true
            }
            guard isThere == true else { return false }
        }
        let number = repair.header.base.advanced(by: lost)
        guard let packet = parity.packet(number, ssrc: protected), (try? RTPPacketInfo(parsing: packet.rawSpan)) != nil
        else { return false }
        keep(packet.rawSpan, number)
        if retransmitted[Int(number.rawValue) % retransmitted.count] != Int32(number.rawValue) {
            recovered.append(packet)
            recoveredCount &+= 1
        }
        return true
    }

    /// The stream numbers its packets anew: nothing before helps.
    private mutating func restart() {
        history.removeAll()
        repairs.removeAll(keepingCapacity: true)
        for index in retransmitted.indices { retransmitted[index] = -1 }
        newest = nil
    }
}
