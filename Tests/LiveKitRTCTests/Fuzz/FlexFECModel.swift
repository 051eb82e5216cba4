import LiveKitCore
import LiveKitRTC

/// A sender and a receiver of repair packets, with media lost, late and retransmitted, and repair packets changed.
final class FlexFECModel {
    private static let ssrc = SSRC(rawValue: 7)

    private var sender: FlexFECSender
    private var receiver: FlexFECReceiver
    private var now: MediaInstant = .start
    private var sequence: UInt16 = 65_520
    private var sent: [UInt16: [UInt8]] = [:]
    private var late: [[UInt8]] = []
    private var isTampered = false

    static func run(_ bytes: [UInt8]) {
        var input = CommandReader(bytes)
        let model = FlexFECModel(&input)
        var commands = 0
        while !input.isAtEnd, commands < 300 {
            model.step(&input)
            commands += 1
        }
    }

    private init(_ input: inout CommandReader) {
        sender = FlexFECSender(protected: Self.ssrc, configuration: .init(protectionFactor: Int(input.byte())))
        receiver = FlexFECReceiver(protected: Self.ssrc)
    }

    private func step(_ input: inout CommandReader) {
        switch input.number(below: 10) {
        case 0...4: send(&input)
        case 5: if !late.isEmpty { receive(late.removeFirst()) }
        case 6:
            now = now + .milliseconds(Int64(input.byte()))
            sender.handleTimeout(now: now)
            if let deadline = sender.deadline { precondition(deadline > now, "a deadline that does not move on") }
        case 7: receiver.receive(retransmission: SequenceNumber(rawValue: sequence &- UInt16(input.byte())))
        case 8: forge(input.block())
        default:
            // Numbers may come again, under which other packets were protected.
            isTampered = true
            sequence = input.flag() ? input.uint16() : sequence &+ UInt16(input.byte())
        }
        repair(&input)
    }

    private func send(_ input: inout CommandReader) {
        let flags = input.byte()
        sequence &+= 1
        let header = RTPHeader(
            payloadType: flags & 0x7F, marker: flags & 3 == 0, sequenceNumber: SequenceNumber(rawValue: sequence),
            timestamp: input.uint32(), ssrc: Self.ssrc)
        let packet = RTPPacket(header: header, payload: input.block()).encoded()
        guard let info = try? RTPPacketInfo(parsing: packet.rawSpan) else { return }
        sent[sequence] = packet
        sender.protect(packet.rawSpan, info: info, now: now)
        switch flags >> 4 & 3 {
        case 0: break
        case 1: late.append(packet)
        default: receive(packet)
        }
    }

    private func receive(_ packet: [UInt8]) {
        guard let info = try? RTPPacketInfo(parsing: packet.rawSpan) else { return }
        receiver.receive(media: packet.rawSpan, info: info)
        takeRecovered()
    }

    private func repair(_ input: inout CommandReader) {
        while let payload = sender.poll() {
            let changed = input.number(below: 8) == 0 ? input.mutation(of: payload) : payload
            if changed != payload { isTampered = true }
            receiver.receive(repair: changed.rawSpan)
            takeRecovered()
        }
    }

    private func forge(_ payload: [UInt8]) {
        isTampered = true
        receiver.receive(repair: payload.rawSpan)
        takeRecovered()
    }

    private func takeRecovered() {
        while let packet = receiver.pollRecovered() {
            guard let info = try? RTPPacketInfo(parsing: packet.rawSpan) else {
                preconditionFailure("what was recovered is no packet")
            }
            precondition(packet.count <= RTPLimits.packetSize && info.ssrc == Self.ssrc, "not a packet of the stream")
            precondition(
                isTampered || sent[info.sequenceNumber.rawValue] == packet, "what was recovered is not what was sent")
        }
    }
}
