import LiveKitCore
import LiveKitTestSupport

/// Loses exactly the N-th chunk of a kind that goes to one host, and sees everything that passes.
final class PacketDrop {
    typealias Host = SimulatedLink<[UInt8]>.Host

    private var matches: [(host: Host, number: Int, isMatch: (SCTPChunk) -> Bool, seen: Int)] = []
    /// Packets lost so far.
    private(set) var dropped = 0
    /// What was sent, lost or not.
    private(set) var sent: [(host: Host, packet: SCTPPacket, at: MediaInstant)] = []

    /// Loses the packet that carries the N-th chunk of the kind to `host`, counted from 1.
    func drop(_ number: Int, to host: Host, where isMatch: @escaping (SCTPChunk) -> Bool) {
        matches.append((host, number, isMatch, 0))
    }

    /// Loses the packet that carries the N-th chunk of the type to `host`, counted from 1.
    func drop(_ number: Int, to host: Host, type: UInt8) {
        drop(number, to: host) { $0.type == type }
    }

    func install(on pair: AssociationPair) {
        pair.passes = { [self, unowned pair] host, bytes in
            guard let packet = try? SCTPPacket(parsing: bytes, acceptsZeroChecksum: true) else { return true }
            sent.append((host, packet, pair.now))
            let isLost = isLost(packet, to: host)
            if isLost { dropped += 1 }
            return !isLost
        }
    }

    private func isLost(_ packet: SCTPPacket, to host: Host) -> Bool {
        var isLost = false
        for index in matches.indices where matches[index].host == host {
            for chunk in packet.chunks where matches[index].isMatch(chunk) {
                matches[index].seen += 1
                if matches[index].seen == matches[index].number { isLost = true }
            }
        }
        return isLost
    }

    /// The chunks sent to `host` that `transform` knows, with when they were sent.
    func chunks<Value>(to host: Host, _ transform: (SCTPChunk) -> Value?) -> [(value: Value, at: MediaInstant)] {
        sent.filter { $0.host == host }.flatMap { entry in
            entry.packet.chunks.compactMap { chunk in transform(chunk).map { ($0, entry.at) } }
        }
    }
}

extension SCTPChunk {
    /// The chunk type on the wire.
    var type: UInt8 {
        var writer = ByteWriter()
        write(to: &writer)
        return writer.bytes.first ?? .max
    }

    var data: DataChunk? { if case .data(let chunk) = self { chunk } else { nil } }
    var interleavedData: InterleavedDataChunk? { if case .interleavedData(let chunk) = self { chunk } else { nil } }
    var selectiveAck: SelectiveAckChunk? { if case .selectiveAck(let chunk) = self { chunk } else { nil } }

    /// The forward point of FORWARD TSN or I-FORWARD-TSN.
    var forwardTSN: TSN? {
        switch self {
        case .forwardTSN(let chunk): chunk.newCumulativeTSN
        case .interleavedForwardTSN(let chunk): chunk.newCumulativeTSN
        default: nil
        }
    }

    var resetRequest: OutgoingResetRequestParameter? {
        guard case .reconfiguration(let chunk) = self else { return nil }
        for case .outgoingResetRequest(let request) in chunk.parameters { return request }
        return nil
    }

    var resetResponse: ReconfigurationResponseParameter? {
        guard case .reconfiguration(let chunk) = self else { return nil }
        for case .reconfigurationResponse(let response) in chunk.parameters { return response }
        return nil
    }
}
