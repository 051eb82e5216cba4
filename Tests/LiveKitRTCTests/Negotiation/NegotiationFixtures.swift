import LiveKitCore
import LiveKitRTC

extension LocalTransportParameters {
    /// One side's transport; another generation restarts ICE.
    static func side(_ name: String, generation: Int = 0) -> LocalTransportParameters {
        LocalTransportParameters(
            ufrag: "\(name)\(generation)", password: "\(name)-password-of-22-characters-\(generation)",
            fingerprints: [SDPFingerprint(algorithm: "sha-256", value: name == "server" ? "AA:BB" : "CC:DD")],
            candidates: ["candidate:1 1 udp 2130706431 192.0.2.1 7882 typ host"], isGatheringComplete: true)
    }
}

extension Negotiator {
    static func server(_ capabilities: MediaCapabilities = .liveKitServerPublisher) -> Negotiator {
        Negotiator(configuration: Configuration(capabilities: capabilities, sessionID: 1))
    }

    static func client(_ capabilities: MediaCapabilities = .liveKitClient) -> Negotiator {
        var configuration = Configuration(capabilities: capabilities, sessionID: 2)
        configuration.preferredAnswerRole = .client
        return Negotiator(configuration: configuration)
    }
}

extension SenderParameters {
    static func video(_ track: String, ssrc: UInt32, codecs: [String] = ["VP8"]) -> SenderParameters {
        SenderParameters(
            streamID: "PA_a|\(track)", trackID: track, cname: "PA_a",
            encodings: [Encoding(ssrc: SSRC(rawValue: ssrc), rtxSSRC: SSRC(rawValue: ssrc + 1))], codecs: codecs)
    }

    static func audio(_ track: String, ssrc: UInt32) -> SenderParameters {
        SenderParameters(
            streamID: "PA_a|\(track)", trackID: track, cname: "PA_a",
            encodings: [Encoding(ssrc: SSRC(rawValue: ssrc))], codecs: ["opus"])
    }

    static func simulcast(_ track: String) -> SenderParameters {
        let encodings = ["q", "h", "f"].enumerated().map { index, rid in
            Encoding(rid: rid, ssrc: SSRC(rawValue: UInt32(100 + index)), rtxSSRC: SSRC(rawValue: UInt32(200 + index)))
        }
        return SenderParameters(
            streamID: "s", trackID: track, cname: "c", encodings: encodings, codecs: ["VP8"])
    }
}

/// One complete exchange, and what each side makes of it.
struct Exchange {
    let offer: SessionDescription
    let answer: SessionDescription
    let offererSession: NegotiatedSession
    let answererSession: NegotiatedSession

    init(
        from offerer: inout Negotiator, to answerer: inout Negotiator, generation: Int = 0
    ) throws {
        let offerText = try offerer.createOffer(.side("offerer", generation: generation))
        _ = try answerer.applyRemoteOffer(offerText)
        let local = try answerer.createAnswer(.side("answerer", generation: generation))
        offererSession = try offerer.applyRemoteAnswer(local.text)
        answererSession = local.session
        offer = try SessionDescription(parsing: offerText)
        answer = try SessionDescription(parsing: local.text)
    }
}
