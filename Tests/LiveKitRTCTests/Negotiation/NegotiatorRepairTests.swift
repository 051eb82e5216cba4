import LiveKitCore
import Testing

@testable import LiveKitRTC

@Suite("Offer and answer: redundant audio and forward error correction")
struct NegotiatorRepairTests {
    private static let transport = LocalTransportParameters(
        ufrag: "abcd", password: "0123456789012345678901",
        fingerprints: [
            SDPFingerprint(algorithm: "sha-256", value: Array(repeating: "AB", count: 32).joined(separator: ":"))
        ])

    private func negotiator(_ capabilities: MediaCapabilities) -> Negotiator {
        Negotiator(configuration: .init(capabilities: capabilities, sessionID: 1))
    }

    private func exchange(
        _ offerer: inout Negotiator, _ answerer: inout Negotiator
    ) throws -> (offer: String, answer: String, offered: NegotiatedSession, answered: NegotiatedSession) {
        let offer = try offerer.createOffer(Self.transport)
        _ = try answerer.applyRemoteOffer(offer)
        let answer = try answerer.createAnswer(Self.transport)
        let session = try offerer.applyRemoteAnswer(answer.text)
        return (offer, answer.text, session, answer.session)
    }

    private func sender(_ codecs: [String], fec: Bool = false, rids: [String] = []) -> SenderParameters {
        let encodings =
            rids.isEmpty
            ? [
                SenderParameters.Encoding(
                    ssrc: SSRC(rawValue: 11), rtxSSRC: SSRC(rawValue: 12), fecSSRC: fec ? SSRC(rawValue: 13) : nil)
            ] : rids.map { SenderParameters.Encoding(rid: $0, ssrc: SSRC(rawValue: 1)) }
        return SenderParameters(streamID: "s", trackID: "t", cname: "c", encodings: encodings, codecs: codecs)
    }

    @Test("RED stands before Opus where both know it and the sender wants it")
    func red() throws {
        var client = negotiator(.liveKitClient)
        var server = negotiator(.liveKitServerPublisher)
        _ = try client.addTransceiver(.audio, direction: .sendonly, sender: sender(["red", "opus"]))
        let (offer, answer, offered, answered) = try exchange(&client, &server)
        #expect(offer.contains("m=audio 9 UDP/TLS/RTP/SAVPF 63 111\r\n"))
        #expect(answer.contains("m=audio 9 UDP/TLS/RTP/SAVPF 63 111\r\n"))
        for section in [offered.sections[0], answered.sections[0]] {
            let opus = try #require(section.codecs.first { $0.name == "opus" })
            #expect(section.redundancy(of: opus)?.payloadType == 63)
            #expect(section.codecs.first.map(section.primary(of:)) == opus)
        }
    }

    @Test("A sender that does not want RED, or a peer that does not know it, has Opus alone")
    func plain() throws {
        for (codecs, capabilities) in [
            (["opus"], MediaCapabilities.liveKitServerPublisher),
            (["red", "opus"], .liveKitServerPublisher.removing(codecs: ["red"])),
        ] {
            var client = negotiator(.liveKitClient)
            var server = negotiator(capabilities)
            _ = try client.addTransceiver(.audio, direction: .sendonly, sender: sender(codecs))
            let outcome = try exchange(&client, &server)
            #expect(outcome.offered.sections[0].codecs.map(\.name) == ["opus"])
            #expect(outcome.answered.sections[0].codecs.map(\.name) == ["opus"])
        }
    }

    @Test("A preference against RED leaves the offered order")
    func order() throws {
        var configuration = Negotiator.Configuration(capabilities: .liveKitClient, sessionID: 1)
        configuration.prefersRED = false
        var client = Negotiator(configuration: configuration)
        _ = try client.addTransceiver(.audio, direction: .recvonly)
        #expect(try client.createOffer(Self.transport).contains("m=audio 9 UDP/TLS/RTP/SAVPF 111 63 0 8\r\n"))
        var other = negotiator(.liveKitClient)
        _ = try other.addTransceiver(.audio, direction: .recvonly)
        #expect(try other.createOffer(Self.transport).contains("m=audio 9 UDP/TLS/RTP/SAVPF 63 111 0 8\r\n"))
    }

    @Test("FlexFEC is announced as libwebrtc does: a codec, a group and a stream of its own")
    func flexFEC() throws {
        var client = negotiator(.liveKitClient.addingForwardErrorCorrection())
        var server = negotiator(.liveKitServerPublisher.addingForwardErrorCorrection())
        _ = try client.addTransceiver(.video, direction: .sendonly, sender: sender(["VP8"], fec: true))
        let (offer, answer, offered, answered) = try exchange(&client, &server)
        #expect(offer.contains("a=rtpmap:49 flexfec-03/90000\r\n"))
        #expect(offer.contains("a=fmtp:49 repair-window=10000000\r\n"))
        #expect(offer.contains("a=ssrc-group:FEC-FR 11 13\r\n"))
        #expect(offer.contains("a=ssrc:13 cname:c\r\n"))
        #expect(answer.contains("m=video 9 UDP/TLS/RTP/SAVPF 96 97 49\r\n"))
        #expect(offered.sections[0].codecs.map(\.name) == ["VP8", "flexfec-03"])
        #expect(
            answered.sections[0].remote?.sources == [
                .init(ssrc: SSRC(rawValue: 11), rtxSSRC: SSRC(rawValue: 12), fecSSRC: SSRC(rawValue: 13))
            ])
    }

    @Test("A simulcast has no repair packets, and repair packets alone are no codec")
    func flexFECBounds() throws {
        var client = negotiator(.liveKitClient.addingForwardErrorCorrection())
        _ = try client.addTransceiver(.video, direction: .sendonly, sender: sender(["VP8"], rids: ["q", "h"]))
        #expect(try !client.createOffer(Self.transport).contains("FEC-FR"))
        var onlyRepairs = MediaCapabilities.liveKitServerPublisher.addingForwardErrorCorrection()
        onlyRepairs.video.removeAll { !$0.isFlexFEC }
        var offerer = negotiator(.liveKitClient.addingForwardErrorCorrection())
        var answerer = negotiator(onlyRepairs)
        _ = try offerer.addTransceiver(.video, direction: .sendonly, sender: sender(["VP8"]))
        let outcome = try exchange(&offerer, &answerer)
        #expect(outcome.answered.sections[0].isRejected)
    }
}
