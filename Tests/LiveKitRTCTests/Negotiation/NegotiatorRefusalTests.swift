import LiveKitCore
import LiveKitRTC
import LiveKitTestSupport
import Testing

@Suite("What a negotiator refuses")
struct NegotiatorRefusalTests {
    @Test("Calls out of turn are refused")
    func refusesOutOfTurn() throws {
        var negotiator = Negotiator.client()
        #expect(throws: NegotiationError.wrongState(.stable)) { try negotiator.createAnswer(.side("a")) }
        #expect(throws: NegotiationError.wrongState(.stable)) { try negotiator.applyRemoteAnswer("") }
        #expect(throws: NegotiationError.wrongState(.stable)) { try negotiator.rollback() }
        negotiator.addDataChannels()
        let offer = try negotiator.createOffer(.side("a"))
        #expect(throws: NegotiationError.wrongState(.haveLocalOffer)) { try negotiator.applyRemoteOffer(offer) }
        #expect(throws: NegotiationError.wrongState(.haveLocalOffer)) { try negotiator.createOffer(.side("a")) }
    }

    @Test("An answer that changes the sections is refused, and the right one still taken")
    func refusesChangedAnswers() throws {
        var (server, client) = (Negotiator.server(.liveKitServerSubscriber), Negotiator.client())
        server.addDataChannels()
        _ = try server.addTransceiver(.video, direction: .sendonly, sender: .video("v", ssrc: 1))
        _ = try client.applyRemoteOffer(try server.createOffer(.side("server")))
        let right = try client.createAnswer(.side("client")).text
        var description = try SessionDescription(parsing: right)
        description.media.swapAt(0, 1)
        let swapped = try description.encoded()
        #expect(throws: NegotiationError.sectionsChanged) { try server.applyRemoteAnswer(swapped) }
        description.media.removeLast()
        let shortened = try description.encoded()
        #expect(throws: NegotiationError.sectionsChanged) { try server.applyRemoteAnswer(shortened) }
        let undecided = right.replacing("a=setup:active", with: "a=setup:actpass")
        #expect(throws: NegotiationError.setupConflict) { try server.applyRemoteAnswer(undecided) }
        #expect(try server.applyRemoteAnswer(right).sections.count == 2)
    }

    @Test("An offer without credentials, fingerprint or names is refused")
    func refusesIncompleteOffers() throws {
        var client = Negotiator.client()
        client.addDataChannels()
        let offer = try client.createOffer(.side("client"))
        func without(_ prefix: String) -> String {
            offer.split(separator: "\r\n").filter { !$0.hasPrefix(prefix) }.joined(separator: "\r\n")
        }
        var server = Negotiator.server()
        #expect(throws: NegotiationError.missingICECredentials) { try server.applyRemoteOffer(without("a=ice-pwd")) }
        #expect(throws: NegotiationError.missingFingerprint) { try server.applyRemoteOffer(without("a=fingerprint")) }
        #expect(throws: NegotiationError.missingMID) { try server.applyRemoteOffer(without("a=mid")) }
        #expect(server.state == .stable)
    }

    @Test("A waiting sender whose codec the offered section lacks is refused with it, and waits no more")
    func refusesUndecodable() throws {
        var client = Negotiator.client(.liveKitClient.removing(codecs: ["VP8"]))
        var server = Negotiator.server(.liveKitServerSingle)
        let sender = try server.addTransceiver(.video, direction: .sendonly, sender: .video("v", ssrc: 1))
        #expect(server.waitingTransceivers(.video) == 1)
        _ = try client.addTransceiver(.video, direction: .recvonly)
        let exchange = try Exchange(from: &client, to: &server)
        let section = try #require(exchange.answererSession.sections.first)
        #expect(section.isRejected && section.transceiver == sender)
        #expect(exchange.answer.media.map(\.port) == [0])
        #expect(server.waitingTransceivers(.video) == 0 && !server.needsNegotiation)
    }

    @Test("More sections than allowed are refused")
    func refusesTooMany() throws {
        var client = Negotiator.client()
        for index in 0..<NegotiationLimits.sections {
            _ = try client.addTransceiver(.audio, direction: .sendonly, sender: .audio("a", ssrc: UInt32(index)))
        }
        #expect(throws: NegotiationError.tooManySections) { try client.addTransceiver(.audio, direction: .recvonly) }
        let offer = try client.createOffer(.side("client"))
        var configuration = Negotiator.Configuration(capabilities: .liveKitServerPublisher, sessionID: 1)
        configuration.maxSections = 8
        var server = Negotiator(configuration: configuration)
        #expect(throws: NegotiationError.tooManySections) { try server.applyRemoteOffer(offer) }
    }

    @Test("A hostile track name cannot bring a line of its own")
    func refusesInjection() throws {
        var server = Negotiator.server(.liveKitServerSubscriber)
        let sender = SenderParameters.video("x\r\na=candidate:1 1 udp 1 203.0.113.1 1 typ host", ssrc: 1)
        _ = try server.addTransceiver(.video, direction: .sendonly, sender: sender)
        #expect(throws: NegotiationError.unwritable(SDPErrorProbe.controlCharacter)) {
            try server.createOffer(.side("server"))
        }
        #expect(server.state == .stable)
    }

    @Test("Broken and shuffled offers never trap, and what is accepted is answered in kind")
    func survivesNoise() throws {
        var random = DeterministicRandom(seed: 8829)
        let lines = OfferTexts.chromiumSimulcast.split(separator: "\n").map(String.init)
        for _ in 0..<150 {
            var mutated = lines
            for _ in 0..<Int.random(in: 1...6, using: &random) {
                let index = Int.random(in: mutated.indices, using: &random)
                switch Int.random(in: 0..<3, using: &random) {
                case 0: mutated.remove(at: index)
                case 1: mutated.swapAt(index, Int.random(in: mutated.indices, using: &random))
                default: mutated[index] = String(mutated[index].dropLast(Int.random(in: 1...6, using: &random)))
                }
            }
            var server = Negotiator.server()
            guard let offer = try? server.applyRemoteOffer(mutated.joined(separator: "\n")),
                let answer = try? server.createAnswer(.side("server"))
            else { continue }
            let description = try SessionDescription(parsing: answer.text)
            #expect(description.media.count == answer.session.sections.count)
            #expect(description.media.count >= offer.sections.count)
        }
    }
}

/// The errors of the SDP writer, met by provoking them.
enum SDPErrorProbe {
    static var controlCharacter: SDPError {
        var description = SessionDescription(origin: SessionDescription.Origin(sessionID: 1, sessionVersion: 1))
        description.sessionName = "\n"
        do throws(SDPError) {
            _ = try description.encoded()
            preconditionFailure("the writer took a line feed")
        } catch {
            return error
        }
    }
}
