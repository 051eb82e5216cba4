import LiveKitCore
import LiveKitTestCalls
import LiveKitTestSupport
import Testing

@testable import LiveKitRTC

/// What a peer can do that has the keys.
@Suite("An authentic peer that means no good")
struct HostilePeerTests {
    /// Takes the keys of the right side's handshake out.
    ///
    /// `@unchecked Sendable`: the simulation has one thread.
    private final class KeyBox: @unchecked Sendable {
        var material: SRTPKeyingMaterial?
    }

    /// A call, and the keys by which the right side opens what comes from the left.
    private func joined(seed: UInt64 = 1) throws -> (call: SimulatedCall, keys: SRTPKeyingMaterial) {
        let box = KeyBox()
        var configuration = SimulatedCall.Configuration(seed: seed)
        configuration.flows = [.video(bitrate: 300_000), .audio]
        configuration.adjust = { options in
            guard !options.isOfferer else { return }
            options.makeProtection = { material throws(SRTPError) in
                box.material = material
                return try PacketProtection.srtp(material)
            }
        }
        let call = try SimulatedCall(configuration)
        try #require(try call.join() != nil)
        return (call, try #require(box.material).mirrored)
    }

    private func deliver(_ datagram: [UInt8], in call: SimulatedCall) {
        var datagram = datagram
        call.onSimulatedTime {
            _ = unsafe datagram.withUnsafeMutableBytes {
                unsafe call.right.connection.receive($0, from: call.address(of: call.left), now: call.now)
            }
        }
        call.right.touch()
    }

    /// A packet of a stream that no description named; with a mid it can be bound to a section all the same.
    private func packet(ssrc: UInt32, payloadType: UInt8, midID: UInt8?, mid: String) -> [UInt8] {
        var header: [UInt8] = [midID == nil ? 0x80 : 0x90, payloadType, 0, 1, 0, 0, 0, 1]
        header += (0..<4).map { UInt8(truncatingIfNeeded: ssrc >> (24 - 8 * UInt32($0))) }
        if let midID {
            let element = [midID << 4 | UInt8(mid.utf8.count - 1)] + Array(mid.utf8)
            let words = (element.count + 3) / 4
            header += [0xBE, 0xDE, 0, UInt8(words)] + element
            header += [UInt8](repeating: 0, count: words * 4 - element.count)
        }
        return header + [UInt8](repeating: 0x5A, count: 20)
    }

    @Test("Twenty thousand SSRCs cost no memory, and the streams that were there go on", arguments: [false, true])
    func manySSRCs(isBound: Bool) throws {
        let (call, keys) = try joined()
        call.startMedia()
        call.run(for: .seconds(1))
        let connection = call.right.connection
        let section = try #require(connection.negotiated?.sections.first { $0.kind == .video })
        let codec = try #require(section.codecs.first)
        let midID = isBound ? connection.sections.extensions.mid : nil
        if isBound { #expect(midID != nil) }
        var random = DeterministicRandom(seed: 5)
        let declared = connection.inbound.count
        let opener = try #require(connection.receiver as? SRTPReceiver)
        for _ in 0..<20 {
            // A sender of ours holds a thousand streams; each round has another.
            let attacker = try SRTPSender(keys)
            for _ in 0..<1000 {
                let ssrc = UInt32.random(in: .min ... .max, using: &random)
                let plain = packet(ssrc: ssrc, payloadType: codec.payloadType, midID: midID, mid: section.mid)
                deliver(try attacker.protected(plain), in: call)
            }
            #expect(opener.undeclaredCount <= SRTPLimits.undeclaredStreams)
            #expect(connection.inbound.count <= declared + (isBound ? PeerConnection.unannouncedStreams : 0))
        }
        #expect(isBound == (connection.inbound.count > declared))
        #expect(connection.repairs.count + connection.corrections.count <= 2 * declared)
        #expect(connection.statistics.refused == 0)
        call.run(for: .seconds(1))
        for flow in call.left.flows {
            #expect(call.right.reception(of: flow).missing(in: 0..<flow.sentCount - 30) == 0)
        }
    }

    @Test("Packets larger than an Ethernet frame are dropped, whoever protected them")
    func oversize() throws {
        let (call, keys) = try joined()
        let sender = try SRTPSender(keys)
        let connection = call.right.connection
        func plain(_ size: Int, number: UInt8) -> [UInt8] {
            [0x80, 96, 0, number, 0, 0, 0, 1, 9, 9, 9, 9] + [UInt8](repeating: 1, count: size - 12)
        }
        let tag = keys.profile.tagSize
        let before = connection.statistics
        deliver(try sender.protected(plain(1500 - tag, number: 1)), in: call)
        #expect(connection.statistics.packetsReceived == before.packetsReceived + 1)
        deliver(try sender.protected(plain(1501 - tag, number: 2)), in: call)
        deliver(try sender.protected(plain(9000, number: 3)), in: call)
        #expect(connection.statistics.packetsReceived == before.packetsReceived + 1)
        #expect(connection.statistics.refused == before.refused + 2)
    }

    @Test("Every truncation of an authentic packet is refused, and the call goes on")
    func truncations() throws {
        let (call, keys) = try joined()
        let sender = try SRTPSender(keys)
        let media = try sender.protected(packet(ssrc: 7, payloadType: 96, midID: 1, mid: "0"))
        let report = try sender.protectedRTCP([0x80, 200, 0, 6] + [UInt8](repeating: 1, count: 24))
        for whole in [media, report] {
            for length in whole.indices { deliver(Array(whole.prefix(length)), in: call) }
        }
        #expect(call.right.connection.statistics.packetsReceived == 0)
        #expect(call.right.states.last?.state == .connected)
        call.startMedia()
        call.run(for: .seconds(1))
        #expect(call.right.reception(of: call.left.flows[0]).distinctCount > 20)
    }

    @Test("Reports that ask for everything, or speak for others, cost no more than their size and end nothing")
    func absurdReports() throws {
        let (call, keys) = try joined()
        call.startMedia()
        call.run(for: .seconds(1))
        let sender = try SRTPSender(keys)
        let media = call.right.flows[0].outbound.ssrc
        let everything = stride(from: 0, to: 65_536, by: 4096).map { start in
            let numbers = (start..<start + 4096).map { SequenceNumber(rawValue: UInt16($0)) }
            return RTCPPacket.genericNACK(GenericNACK(sender: SSRC(rawValue: 1), media: media, missing: numbers))
        }
        let packets: [RTCPPacket] =
            everything + [
                .goodbye(Goodbye(sources: [media] + call.left.flows.map(\.outbound.ssrc))),
                .receiverEstimatedMaximumBitrate(
                    ReceiverEstimatedMaximumBitrate(sender: SSRC(rawValue: 1), bitrate: .max, streams: [media])),
            ]
        let sentBefore = call.right.flows[0].retransmittedCount
        for _ in 0..<50 {
            for packet in packets { deliver(try sender.protectedRTCP(packet.encoded()), in: call) }
            call.run(for: .milliseconds(10))
        }
        let sentAgain = call.right.flows[0].retransmittedCount - sentBefore
        #expect(sentAgain > 0)
        #expect(sentAgain <= RTPLimits.retransmissionPacketsVideo * Int(RTPLimits.retransmissionsPerPacket))
        call.run(for: .seconds(1))
        #expect(call.right.states.last?.state == .connected)
        for flow in call.left.flows {
            #expect(call.right.reception(of: flow).missing(in: 0..<flow.sentCount - 30) == 0)
        }
    }
}
