import LiveKitCore
import LiveKitTestSupport
import Testing

@testable import LiveKitRTC

@Suite("Peer connection: ICE, DTLS, SRTP and SCTP together")
struct PeerConnectionTests {
    private func connected(seed: UInt64 = 1, loss: Double = 0) throws -> CallSimulation {
        let call = try CallSimulation(seed: seed, conditions: .init(loss: loss))
        call.left.connection.openChannel(label: "_reliable", isOrdered: true, now: call.now)
        try call.negotiate()
        call.run(for: .seconds(20)) {
            call.left.connection.state == .connected && call.right.connection.state == .connected
        }
        return call
    }

    @Test func connectsAndOpensAChannel() throws {
        let call = try connected()
        #expect(call.left.states == [.connecting, .connected])
        #expect(call.right.states == [.connecting, .connected])
        #expect(call.run(for: .seconds(2)) { call.right.openLabels == ["_reliable"] })
    }

    @Test func deliversMessagesBothWays() throws {
        let call = try connected()
        call.run(for: .seconds(2)) { !call.right.openLabels.isEmpty && !call.left.openLabels.isEmpty }
        let left = try #require(call.left.connection.channel(labelled: "_reliable"))
        let right = try #require(call.right.connection.channel(labelled: "_reliable"))
        try call.left.connection.send([1, 2, 3], on: left, now: call.now)
        try call.right.connection.send(Array(repeating: 9, count: 5000), on: right, now: call.now)
        call.collect()
        #expect(call.run(for: .seconds(2)) { !call.left.messages.isEmpty && !call.right.messages.isEmpty })
        #expect(call.right.messages.first?.bytes == [1, 2, 3])
        #expect(call.left.messages.first?.bytes.count == 5000)
    }

    @Test("Data fits 1200 bytes of UDP, limits are those of the descriptions, and low buffers are reported")
    func boundsOfData() throws {
        let call = try connected()
        call.run(for: .seconds(2)) { !call.right.openLabels.isEmpty && !call.left.openLabels.isEmpty }
        let channel = try #require(call.left.connection.channel(labelled: "_reliable"))
        var largest = 0
        call.filter = { _, bytes in
            largest = max(largest, bytes.count)
            return bytes
        }
        call.left.connection.setBufferedAmountLowThreshold(1000, of: channel)
        try call.left.connection.send(.init(repeating: 9, count: 262_144), on: channel, now: call.now)
        #expect(throws: SCTPSendError.tooLarge(limit: 262_144)) {
            try call.left.connection.send(.init(repeating: 9, count: 262_145), on: channel, now: call.now)
        }
        call.collect()
        #expect(call.run(for: .seconds(5)) { !call.right.messages.isEmpty })
        #expect(call.right.messages.first?.bytes.count == 262_144)
        #expect((1190...1200).contains(largest))
        #expect(call.left.lowLabels == ["_reliable"])
    }

    @Test("An association that the peer aborts takes its channels with it")
    func abortedAssociation() throws {
        let call = try connected()
        call.run(for: .seconds(2)) { !call.right.openLabels.isEmpty && !call.left.openLabels.isEmpty }
        let channel = try #require(call.right.connection.channel(labelled: "_reliable"))
        call.left.connection.sctp?.abort(now: call.now)
        call.left.connection.drain(now: call.now)
        call.collect()
        call.run(for: .seconds(1))
        #expect(call.left.closedLabels == ["_reliable"] && call.right.closedLabels == ["_reliable"])
        #expect(throws: SCTPSendError.closed) {
            try call.right.connection.send([1], on: channel, now: call.now)
        }
    }

    private func addVideo(to call: CallSimulation) throws -> OutboundStream {
        let peer = call.left.connection
        let stream = OutboundStream(ssrc: peer.unusedSSRC(), clockRate: 90_000)
        peer.add(stream)
        _ = try peer.addTransceiver(
            .video, direction: .sendonly,
            sender: SenderParameters(
                streamID: "PA_x", trackID: "TR_x", cname: "x",
                encodings: [.init(ssrc: stream.ssrc, rtxSSRC: peer.unusedSSRC())], codecs: ["VP8"]))
        try call.negotiate()
        return stream
    }

    private func send(_ number: UInt16, on stream: OutboundStream, in call: CallSimulation) throws {
        let peer = call.left.connection
        let section = try #require(peer.negotiated?.sections.first { $0.kind == .video })
        let codec = try #require(section.codecs.first)
        guard var run = peer.beginRun() else {
            Issue.record("nothing can be sent yet")
            return
        }
        let slot = unsafe run.reserve()
        var span = unsafe MutableRawSpan(_unsafeBytes: slot)
        span.store(networkInteger: UInt8(0x80), at: 0)
        span.rewriteRTPHeader(
            payloadType: codec.payloadType, marker: true, sequenceNumber: SequenceNumber(rawValue: number),
            timestamp: UInt32(number) * 3000, ssrc: stream.ssrc)
        span.store([UInt8](repeating: UInt8(truncatingIfNeeded: number), count: 100).rawSpan, at: 12)
        let isSent = unsafe run.send(
            slot, count: 112, on: stream, timestamp: UInt32(number) * 3000, payloadSize: 100, now: call.now)
        #expect(isSent)
        peer.finish(run)
        call.collect()
    }

    @Test func carriesMediaAndReportsIt() throws {
        let call = try connected()
        let stream = try addVideo(to: call)
        for number in 0..<100 {
            try send(UInt16(number), on: stream, in: call)
            call.run(for: .milliseconds(33))
        }
        #expect(call.right.packets.map(\.payload.first) == (0..<100).map { UInt8($0) })
        #expect(stream.statistics.roundTripTime.map { $0 >= .milliseconds(30) && $0 <= .milliseconds(60) } == true)
    }

    @Test func asksForWhatIsLost() throws {
        let call = try connected()
        let stream = try addVideo(to: call)
        for number in 0..<10 where number != 4 { try send(UInt16(number), on: stream, in: call) }
        call.run(for: .milliseconds(200))
        let lost = call.left.feedback.compactMap { feedback -> [SequenceNumber]? in
            if case .lost(stream.ssrc, let numbers) = feedback { numbers } else { nil }
        }
        #expect(lost.first == [SequenceNumber(rawValue: 4)])
    }

    @Test("DTLS from an address that ICE did not verify is dropped")
    func dropsStrangers() throws {
        let call = try connected()
        let before = call.right.connection.statistics.strangers
        var hello: [UInt8] = [22, 0xFE, 0xFD] + Array(repeating: 0, count: 60)
        let stranger = TransportAddress(ipv4: 0x0A00_0063, port: 9)
        _ = unsafe hello.withUnsafeMutableBytes {
            unsafe call.right.connection.receive($0, from: stranger, now: call.now)
        }
        #expect(call.right.connection.statistics.strangers == before + 1)
        #expect(call.right.connection.state == .connected)
    }

    @Test("Garbage from anywhere changes nothing", arguments: 0..<4)
    func survivesGarbage(seed: UInt64) throws {
        let call = try connected(seed: seed)
        var random = DeterministicRandom(seed: seed)
        for _ in 0..<2000 {
            var bytes = (0..<Int.random(in: 0...200, using: &random)).map { _ in
                UInt8.random(in: 0...255, using: &random)
            }
            let source = Bool.random(using: &random) ? call.left.address : TransportAddress(ipv4: 7, port: 7)
            _ = unsafe bytes.withUnsafeMutableBytes {
                unsafe call.right.connection.receive($0, from: source, now: call.now)
            }
        }
        #expect(call.right.connection.state == .connected)
        let stream = try addVideo(to: call)
        try send(1, on: stream, in: call)
        #expect(call.run(for: .seconds(1)) { !call.right.packets.isEmpty })
    }

    @Test("Falls to disconnected and failed when the path dies")
    func noticesSilence() throws {
        let call = try connected()
        call.filter = { _, _ in nil }
        call.run(for: .seconds(20))
        #expect(call.left.states.suffix(2) == [.disconnected, .failed])
    }
}
