import Foundation
import LiveKitCore
import LiveKitTestSupport
import Testing

@Suite("SCTP packets of other stacks", .enabled(if: TestData.root != nil, "the corpora are not here"))
struct SCTPCaptureTests {
    @Test("aiortc's DATA")
    func data() throws {
        let packet = try capture("aiortc-bsd3/sctp_data_padding.bin")
        #expect(packet.verificationTag == 0x0FC0_F8A1)
        let expected = DataChunk(
            tsn: TSN(rawValue: 0x9A0F_13FD), stream: StreamID(rawValue: 1), sequence: StreamSequenceNumber(rawValue: 1),
            payloadProtocol: .string, payload: Array("M".utf8))
        #expect(packet.chunks == [.data(expected)])
    }

    @Test("aiortc's SACK")
    func sack() throws {
        let packet = try capture("aiortc-bsd3/sctp_sack.bin")
        let expected = SelectiveAckChunk(
            cumulativeTSN: TSN(rawValue: 0x847F_5B9D), receiverWindow: 128_160,
            gapBlocks: [.init(start: 2, end: 2), .init(start: 4, end: 4)], duplicates: [TSN(rawValue: 0x847F_5BA1)])
        #expect(packet.chunks == [.selectiveAck(expected)])
    }

    @Test("aiortc's stream reset and FORWARD TSN")
    func extensions() throws {
        let reset = OutgoingResetRequestParameter(
            requestSequence: 0x8BD8_0A5B, responseSequence: 0xE48B_EC73, lastAssignedTSN: TSN(rawValue: 0x8BD8_0A5E),
            streams: [StreamID(rawValue: 1)])
        #expect(
            try capture("aiortc-bsd3/sctp_reconfig_reset_out.bin").chunks == [
                .reconfiguration(.init(parameters: [.outgoingResetRequest(reset)]))
            ])
        #expect(
            try capture("aiortc-bsd3/sctp_reconfig_response.bin").chunks == [
                .reconfiguration(
                    .init(parameters: [
                        .reconfigurationResponse(.init(responseSequence: 0x9153_1F54, result: .performed))
                    ]))
            ])
        let skipped = ForwardTSNChunk.SkippedStream(
            stream: StreamID(rawValue: 12), sequence: StreamSequenceNumber(rawValue: 34))
        #expect(
            try capture("aiortc-bsd3/sctp_forward_tsn.bin").chunks == [
                .forwardTSN(.init(newCumulativeTSN: TSN(rawValue: 1234), skippedStreams: [skipped]))
            ])
    }

    @Test("usrsctp's INIT ACK, as libwebrtc recorded it")
    func initAck() throws {
        let packet = try capture("webrtc-bsd3/sctp-packet-corpus/init-ack.bin")
        guard case .initiationAck(let chunk)? = packet.chunks.first else {
            Issue.record("not an INIT ACK")
            return
        }
        let description = chunk.description
        #expect(description.initiateTag == 0xEE8B_86D4)
        #expect(description.outboundStreams == 1000)
        #expect(description.initialTSN == TSN(rawValue: 0x480F_BD83))
        #expect(description.parameters.contains(.forwardTSNSupported(.init())))
        let cookies = description.parameters.compactMap { parameter -> Int? in
            if case .stateCookie(let cookie) = parameter { cookie.cookie.count } else { nil }
        }
        #expect(cookies == [256])
    }

    @Test("Whole captures encode to the same bytes again")
    func reencoding() throws {
        // Cut short when they were recorded, so that neither length nor checksum is right.
        let cut = ["cookie-echo-data.bin", "cookie-echo-data-data.bin"]
        for url in TestData.files(in: "webrtc-bsd3/sctp-packet-corpus", suffix: ".bin") {
            let bytes = try TestData.bytes(of: url)
            guard !cut.contains(url.lastPathComponent) else {
                #expect(throws: WireError.self) { try SCTPPacket(parsing: bytes, acceptsZeroChecksum: true) }
                continue
            }
            let packet = try SCTPPacket(parsing: bytes, acceptsZeroChecksum: true)
            // Reserved flags and absent final padding are not reproduced; the meaning is.
            let again = try SCTPPacket(parsing: packet.encoded())
            #expect(again == packet, "\(url.lastPathComponent)")
        }
        let exact = try TestData.bytes(of: try #require(url("webrtc-bsd3/sctp-packet-corpus/sack-data.bin")))
        #expect(try SCTPPacket(parsing: exact).encoded() == exact)
    }

    @Test("Broken captures throw, and no corpus file traps, whole or cut")
    func brokenCaptures() throws {
        for name in ["sctp_data_truncated", "sctp_data_zero_length"] {
            #expect(throws: WireError.self) { try capture("aiortc-bsd3/\(name).bin") }
        }
        let urls = TestData.files(in: "webrtc-bsd3/sctp-packet-corpus") + TestData.files(in: "usrsctp-bsd3")
        for url in urls {
            // A packet is no larger; some files are whole sessions.
            let bytes = Array(try TestData.bytes(of: url).prefix(1500))
            for start in 0..<min(bytes.count, 16) {
                _ = try? SCTPPacket(parsing: Array(bytes[start...]), acceptsZeroChecksum: true)
            }
            for length in stride(from: 0, to: bytes.count, by: 61) {
                _ = try? SCTPPacket(parsing: Array(bytes[..<length]), acceptsZeroChecksum: true)
            }
        }
    }

    private func url(_ path: String) -> URL? { TestData.root?.appending(path: path) }

    private func capture(_ path: String) throws -> SCTPPacket {
        try SCTPPacket(parsing: TestData.bytes(of: try #require(url(path))))
    }
}
