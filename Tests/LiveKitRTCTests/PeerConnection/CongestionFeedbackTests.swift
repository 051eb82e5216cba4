import LiveKitCore
import LiveKitTestCalls
import LiveKitTestSupport
import Testing

@testable import LiveKitRTC

@Suite("What a receiver tells of what arrives: transport-wide feedback or REMB")
struct CongestionFeedbackTests {
    private func call(_ configure: (inout SimulatedCall.Configuration) -> Void) throws -> SimulatedCall {
        var configuration = SimulatedCall.Configuration(seed: 5)
        configuration.flows = [.video(bitrate: 400_000), .audio]
        configure(&configuration)
        let call = try SimulatedCall(configuration)
        try #require(try call.join() != nil)
        call.startMedia()
        return call
    }

    @Test("Where transport-cc was agreed on arrivals are told, and no estimate is")
    func transportFeedback() throws {
        let call = try call { $0.adjust = { $0.congestionControl = CongestionControlConfiguration() } }
        call.run(for: .seconds(5))
        let control = try #require(call.left.connection.control)
        #expect(control.estimator.acknowledgedBitrate != nil)
        #expect(call.left.bandwidthReports == 0)
    }

    @Test(
        "Where only goog-remb was agreed on, as towards subscribers of LiveKit's server, the estimate is told each second"
    )
    func estimate() throws {
        let call = try call {
            $0.capabilities = MediaCapabilities(
                audio: MediaCapabilities.liveKitServerSubscriber.audio,
                video: MediaCapabilities.liveKitServerSubscriber.video,
                audioExtensions: [RTPHeaderExtensionURI.absoluteSendTime],
                videoExtensions: [RTPHeaderExtensionURI.absoluteSendTime])
            $0.adjust = { $0.congestionControl = CongestionControlConfiguration() }
        }
        call.run(for: .seconds(6))
        #expect((4...12).contains(call.left.bandwidthReports))
        let control = try #require(call.left.connection.control)
        #expect(control.estimator.acknowledgedBitrate == nil)
        #expect(control.estimator.estimate.target > .kilobits(300))
    }

    @Test("Where neither was agreed on nothing is told")
    func nothing() throws {
        let call = try call {
            for index in $0.capabilities.video.indices { $0.capabilities.video[index].feedback = ["nack"] }
            for index in $0.capabilities.audio.indices { $0.capabilities.audio[index].feedback = [] }
            $0.adjust = { $0.congestionControl = CongestionControlConfiguration() }
        }
        call.run(for: .seconds(3))
        let control = try #require(call.left.connection.control)
        #expect(call.left.bandwidthReports == 0)
        #expect(control.estimator.acknowledgedBitrate == nil)
    }

    @Test("Without a pacer everything leaves at once, and the estimate is there all the same")
    func estimatesWithoutPacing() throws {
        var immediate = CongestionControlConfiguration()
        immediate.pacer = nil
        let call = try call { $0.adjust = { $0.congestionControl = immediate } }
        call.run(for: .seconds(10))
        let allowance = try #require(call.left.allowance)
        #expect(allowance.estimate.target > .kilobits(500))
        #expect(!allowance.isBacklogged)
        #expect(call.left.flows.allSatisfy { $0.outbound.pacerDelay == .zero })
        for flow in call.left.flows {
            #expect(call.right.reception(of: flow).missing(in: 0..<(flow.sentCount - 5)) == 0)
        }
    }

    @Test("Without a pacer padding between the media finds what more the path carries, for as long as more is wanted")
    func probesWithoutPacing() throws {
        var immediate = CongestionControlConfiguration()
        immediate.pacer = nil
        let call = try call {
            $0.flows = [.video(bitrate: 300_000)]
            $0.adjust = { $0.congestionControl = immediate }
        }
        call.left.followsAllowance = false
        let control = try #require(call.left.connection.control)
        call.left.connection.setDemand(.kilobits(4000), now: call.now)
        call.run(for: .seconds(20))
        let sent = call.left.connection.statistics.bytesSent
        #expect(control.estimator.estimate.target > .kilobits(4000))
        call.left.connection.setDemand(.kilobits(300), now: call.now)
        call.run(for: .seconds(20))
        let perSecond = (call.left.connection.statistics.bytesSent - sent) * 8 / 20
        #expect(perSecond < 400_000, "no probe is sent where nothing is wanted")
        for flow in call.left.flows {
            #expect(call.right.reception(of: flow).missing(in: 0..<(flow.sentCount - 5)) == 0)
        }
    }

    @Test(
        "A receiver that never gives the feedback it agreed to is no path that carries nothing, unless that is believed"
    )
    func firstSilence() {
        for isBelieved in [true, false] {
            var configuration = SendSideBandwidthEstimator.Configuration()
            configuration.start = .kilobits(1000)
            configuration.believesFirstSilence = isBelieved
            var estimator = SendSideBandwidthEstimator(configuration)
            for packet in 0..<UInt16(1000) {
                let now = MediaInstant.start + .milliseconds(Int64(packet) * 20)
                estimator.onPacketSent(SequenceNumber(rawValue: packet), byteCount: 1000, now: now)
                if let due = estimator.deadline, due <= now { estimator.handleTimeout(now: now) }
                #expect(estimator.deadline.map { $0 > now } ?? true, "nothing stays due")
            }
            #expect((estimator.estimate.target < .kilobits(1000)) == isBelieved)
        }
    }

    @Test("A packet's only extension is found where a forwarder wrote it, whether or not the packet is padded")
    func numberElement() {
        func isFound(_ element: NumberElement, in bytes: [UInt8]) -> Bool { element.isAlone(in: bytes.rawSpan) }
        let element = NumberElement(id: 5)
        var bytes = [UInt8](repeating: 0, count: 40)
        unsafe bytes.withUnsafeMutableBytes { buffer in
            var span = unsafe MutableRawSpan(_unsafeBytes: buffer)
            element.write(to: &span)
        }
        #expect(Array(bytes[12..<20]) == [0xBE, 0xDE, 0, 1, 0x51, 0, 0, 0])
        #expect(isFound(element, in: bytes))
        #expect(!isFound(NumberElement(id: 4), in: bytes))
        #expect(!isFound(NumberElement.none, in: bytes))
        bytes[0] |= 0x20
        #expect(isFound(element, in: bytes))
        #expect(!isFound(element, in: Array(bytes.prefix(19))))
        bytes[0] |= 0x01
        #expect(!isFound(element, in: bytes), "contributing sources move the extension")
        #expect(NumberElement(id: 15).isNone && NumberElement(id: 0).isNone)
    }

    @Test("A frame is spread over the path, sound overtakes it, and nothing is lost by waiting")
    func paces() throws {
        let call = try call {
            $0.flows = [.video(bitrate: 2_000_000), .audio]
            $0.adjust = { $0.congestionControl = CongestionControlConfiguration() }
        }
        call.run(for: .seconds(10))
        let (video, audio) = (call.left.flows[0], call.left.flows[1])
        #expect(video.outbound.pacerDelay > .zero)
        let meanDelay = audio.outbound.pacerDelay.seconds / Double(audio.sentCount)
        #expect(meanDelay < 0.002)
        for flow in [video, audio] {
            #expect(call.right.reception(of: flow).missing(in: 0..<(flow.sentCount - 20)) == 0)
        }
        #expect(call.left.connection.control?.refusedCount == 0)
    }

    @Test("What waits for a stream that ended is not sent any more")
    func forgetsEndedStreams() throws {
        let call = try call {
            $0.flows = [.video(bitrate: 4_000_000)]
            $0.adjust = { $0.congestionControl = CongestionControlConfiguration() }
        }
        call.run(for: .milliseconds(300))
        let flow = call.left.flows[0]
        let sent = flow.outbound.statistics.packetCount
        #expect(sent < UInt64(flow.sentCount), "the first second is slower than the encoder")
        call.onSimulatedTime { call.left.connection.remove(flow.outbound) }
        call.left.stopMedia()
        call.run(for: .seconds(2))
        #expect(flow.outbound.statistics.packetCount == sent)
    }
}
