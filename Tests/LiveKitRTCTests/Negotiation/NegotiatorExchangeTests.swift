import LiveKitCore
import LiveKitRTC
import Testing

@Suite("Offer and answer between two negotiators, RFC 8829")
struct NegotiatorExchangeTests {
    @Test("Publishing: sendonly sections are answered recvonly, with what the sender announced")
    func publishes() throws {
        var (client, server) = (Negotiator.client(), Negotiator.server())
        client.addDataChannels()
        let audio = try client.addTransceiver(.audio, direction: .sendonly, sender: .audio("mic", ssrc: 7))
        let video = try client.addTransceiver(.video, direction: .sendonly, sender: .video("cam", ssrc: 9))
        #expect(client.needsNegotiation)
        let exchange = try Exchange(from: &client, to: &server)
        #expect(!client.needsNegotiation && !server.needsNegotiation)

        #expect(exchange.offer.media.map(\.media) == ["application", "audio", "video"])
        #expect(exchange.answer.attributes.bundleGroups.map(\.mids) == [["0", "1", "2"]])
        #expect(client.mid(of: audio) == "1" && client.mid(of: video) == "2")
        let sections = exchange.answererSession.sections
        #expect(sections.map(\.direction) == [.inactive, .recvonly, .recvonly])
        #expect(exchange.offererSession.sections.map(\.direction) == [.inactive, .sendonly, .sendonly])
        #expect(sections[1].codecs.map(\.name) == ["opus"])
        #expect(sections[2].codecs.map(\.name) == ["VP8"])
        #expect(sections[2].codecs.first?.rtxPayloadType == 97)
        #expect(sections[2].remote?.trackID == "cam")
        #expect(sections[2].remote?.sources.map(\.ssrc.rawValue) == [9])
        #expect(sections[2].remote?.sources.first?.rtxSSRC?.rawValue == 10)
        #expect(sections[2].codecs == exchange.offererSession.sections[2].codecs)
        #expect(sections[2].extensions == exchange.offererSession.sections[2].extensions)
        #expect(sections[2].extensions.contains { $0.uri == RTPHeaderExtensionURI.transportSequenceNumber })
        let transport = try #require(exchange.answererSession.remoteTransport)
        #expect(transport.ufrag == "offerer0" && transport.sctpPort == 5000 && transport.maxMessageSize == 262_144)
        #expect(transport.candidates == ["candidate:1 1 udp 2130706431 192.0.2.1 7882 typ host"])
        #expect(transport.hasEndOfCandidates)
        #expect(exchange.answererSession.dtlsRole == .server && exchange.offererSession.dtlsRole == .client)
    }

    @Test("Subscribing: data first, tracks added, taken away and put into the same section again")
    func subscribes() throws {
        var (server, client) = (Negotiator.server(.liveKitServerSubscriber), Negotiator.client())
        server.addDataChannels()
        let first = try Exchange(from: &server, to: &client)
        #expect(first.offererSession.dataSection?.mid == "0")
        #expect(first.offererSession.dtlsRole == .server)

        let video = try server.addTransceiver(.video, direction: .sendonly, sender: .video("TR_1", ssrc: 10))
        let second = try Exchange(from: &server, to: &client)
        let received = second.answererSession.sections[1]
        #expect(received.direction == .recvonly)
        #expect(received.remote?.streamID == "PA_a|TR_1" && received.remote?.trackID == "TR_1")
        #expect(received.transceiver != nil)

        try server.stopSending(video)
        #expect(server.needsNegotiation)
        let early = try server.addTransceiver(.video, direction: .sendonly, sender: .video("TR_2", ssrc: 20))
        #expect(early != video, "a section that the peer still thinks in use was given away")
        let third = try Exchange(from: &server, to: &client)
        #expect(third.answererSession.sections.map(\.direction) == [.inactive, .inactive, .recvonly])

        let again = try server.addTransceiver(.video, direction: .sendonly, sender: .video("TR_3", ssrc: 30))
        #expect(again == video)
        let fourth = try Exchange(from: &server, to: &client)
        #expect(fourth.offer.media.count == 3)
        #expect(fourth.answererSession.sections[1].remote?.trackID == "TR_3")
        #expect(fourth.answererSession.sections[1].transceiver == received.transceiver)
        #expect(try server.addTransceiver(.audio, direction: .sendonly, sender: .audio("TR_4", ssrc: 40)) != video)
    }

    @Test("A subscriber that knows transport-wide feedback gives it, beside REMB; another keeps to what it knows")
    func transportFeedback() throws {
        for knowsIt in [true, false] {
            var capabilities = MediaCapabilities.liveKitClient
            if !knowsIt {
                capabilities.videoExtensions.removeAll { $0 == RTPHeaderExtensionURI.transportSequenceNumber }
                for index in capabilities.video.indices {
                    capabilities.video[index].feedback.removeAll { $0 == "transport-cc" }
                }
            }
            var server = Negotiator.server(.liveKitServerSubscriber.addingTransportFeedback())
            var client = Negotiator.client(capabilities)
            _ = try server.addTransceiver(.video, direction: .sendonly, sender: .video("TR_1", ssrc: 10))
            _ = try server.addTransceiver(.audio, direction: .sendonly, sender: .audio("TR_2", ssrc: 20))
            let sections = try Exchange(from: &server, to: &client).offererSession.sections
            let isNumbered = sections.map { section in
                section.extensions.contains { $0.uri == RTPHeaderExtensionURI.transportSequenceNumber }
            }
            #expect(isNumbered == [knowsIt, false])
            let feedback = sections[0].codecs.first { $0.name == "VP8" }?.feedback ?? []
            #expect(feedback.contains("transport-cc") == knowsIt && feedback.contains("goog-remb"))
        }
    }

    @Test("Offers keep order, names, payload types and extension ids")
    func reoffersAreStable() throws {
        var (server, client) = (Negotiator.server(.liveKitServerSubscriber), Negotiator.client())
        server.addDataChannels()
        for index in 0..<3 {
            _ = try server.addTransceiver(
                .video, direction: .sendonly, sender: .video("v\(index)", ssrc: UInt32(index * 10)))
        }
        let first = try Exchange(from: &server, to: &client)
        _ = try server.addTransceiver(.audio, direction: .sendonly, sender: .audio("a", ssrc: 99))
        let second = try Exchange(from: &server, to: &client)
        #expect(Array(second.offer.media[..<4]) == first.offer.media)
        #expect(Array(second.answer.media[..<4]) == first.answer.media)
        #expect(second.offer.origin.sessionVersion == first.offer.origin.sessionVersion + 1)
        #expect(second.offer.origin.sessionID == first.offer.origin.sessionID)
        #expect(second.answererSession.dtlsRole == first.answererSession.dtlsRole)
        #expect(!second.answererSession.isICERestart)
    }

    @Test("A simulcast is offered by rid, without SSRCs, and mirrored")
    func negotiatesSimulcast() throws {
        var (client, server) = (Negotiator.client(), Negotiator.server())
        _ = try client.addTransceiver(.video, direction: .sendonly, sender: .simulcast("cam"))
        let exchange = try Exchange(from: &client, to: &server)
        #expect(exchange.offer.media[0].attributes.simulcast?.attributeValue == "send q;h;f")
        #expect(exchange.offer.media[0].attributes.sourceAttributes.isEmpty)
        #expect(exchange.answer.media[0].attributes.simulcast?.attributeValue == "recv q;h;f")
        #expect(
            exchange.answer.media[0].attributes.restrictionIDs.map(\.attributeValue) == ["q recv", "h recv", "f recv"])
        #expect(exchange.answererSession.sections[0].remote?.rids == ["q", "h", "f"])
        #expect(exchange.offererSession.sections[0].sentRIDs == ["q", "h", "f"])
    }

    @Test("A section without a common codec is refused, its transceiver ends, and its place is used again")
    func refusesUnknownCodecs() throws {
        var client = Negotiator.client()
        var server = Negotiator.server(MediaCapabilities.liveKitServerPublisher.removing(codecs: ["AV1"]))
        let audio = try client.addTransceiver(.audio, direction: .sendonly, sender: .audio("mic", ssrc: 1))
        let video = try client.addTransceiver(
            .video, direction: .sendonly, sender: .video("cam", ssrc: 2, codecs: ["AV1"]))
        let first = try Exchange(from: &client, to: &server)
        #expect(first.answer.media[1].port == 0)
        #expect(first.answer.attributes.bundleGroups.map(\.mids) == [["0"]])
        #expect(first.offererSession.sections[1].isRejected && first.offererSession.sections[1].transceiver == video)
        #expect(throws: NegotiationError.unknownTransceiver) { try client.stopSending(video) }
        #expect(client.mid(of: audio) == "0" && !client.needsNegotiation)

        let second = try Exchange(from: &client, to: &server)
        #expect(second.offer.media[1].port == 0 && !second.offer.media[1].formats.isEmpty)
        _ = try client.addTransceiver(.video, direction: .sendonly, sender: .video("cam", ssrc: 2))
        let third = try Exchange(from: &client, to: &server)
        #expect(third.offer.media.count == 2 && third.offer.media[1].attributes.mid == "2")
        #expect(third.answererSession.sections[1].direction == .recvonly)
    }

    @Test("New ICE credentials are seen as a restart by both sides, the DTLS roles stay")
    func restartsICE() throws {
        var (server, client) = (Negotiator.server(.liveKitServerSubscriber), Negotiator.client())
        server.addDataChannels()
        let first = try Exchange(from: &server, to: &client)
        #expect(!first.answererSession.isICERestart)
        let offer = try server.createOffer(.side("offerer", generation: 1))
        #expect(try client.applyRemoteOffer(offer).isICERestart)
        let answer = try client.createAnswer(.side("answerer", generation: 1))
        #expect(answer.session.isICERestart && answer.session.dtlsRole == .client)
        #expect(try server.applyRemoteAnswer(answer.text).isICERestart)
    }

    @Test("A rolled back offer leaves no trace but the wishes")
    func rollsBack() throws {
        var (server, client) = (Negotiator.server(.liveKitServerSubscriber), Negotiator.client())
        server.addDataChannels()
        let id = try server.addTransceiver(.video, direction: .sendonly, sender: .video("v", ssrc: 1))
        _ = try server.createOffer(.side("offerer"))
        let late = try server.addTransceiver(.audio, direction: .sendonly, sender: .audio("a", ssrc: 3))
        try server.rollback()
        #expect(server.state == .stable && server.mid(of: id) == nil && server.needsNegotiation)
        let exchange = try Exchange(from: &server, to: &client)
        #expect(exchange.offer.media.map(\.media) == ["application", "video", "audio"])
        #expect(server.mid(of: late) == "2")

        _ = try server.addTransceiver(.video, direction: .sendonly, sender: .video("w", ssrc: 5))
        let offer = try server.createOffer(.side("offerer"))
        let before = try client.applyRemoteOffer(offer)
        try client.rollback()
        #expect(try client.applyRemoteOffer(offer).sections.count == before.sections.count)
        _ = try server.applyRemoteAnswer(try client.createAnswer(.side("answerer")).text)
    }

    @Test("A wish that comes while an offer is under way needs another one")
    func noticesLateWishes() throws {
        var (server, client) = (Negotiator.server(.liveKitServerSubscriber), Negotiator.client())
        let id = try server.addTransceiver(.video, direction: .sendonly, sender: .video("v", ssrc: 1))
        let offer = try server.createOffer(.side("offerer"))
        #expect(!server.needsNegotiation)
        try server.stopSending(id)
        #expect(server.needsNegotiation)
        _ = try client.applyRemoteOffer(offer)
        _ = try server.applyRemoteAnswer(try client.createAnswer(.side("answerer")).text)
        #expect(server.needsNegotiation)
    }

    @Test("Both ways in one section: a waiting sender meets a section that the peer would receive by")
    func answersWithMedia() throws {
        var (client, server) = (Negotiator.client(), Negotiator.server(.liveKitServerSubscriber))
        _ = try client.addTransceiver(.audio, direction: .recvonly)
        let id = try server.addTransceiver(.audio, direction: .sendonly, sender: .audio("TR_a", ssrc: 77))
        let exchange = try Exchange(from: &client, to: &server)
        #expect(server.mid(of: id) == "0")
        #expect(exchange.answer.media[0].attributes.direction == .sendonly)
        #expect(exchange.offererSession.sections[0].remote?.sources.map(\.ssrc.rawValue) == [77])
    }

    @Test("A waiting sender leaves a section alone that the peer sends by, also where the peer would receive too")
    func leavesASendingSectionAlone() throws {
        var (client, server) = (Negotiator.client(), Negotiator.server(.liveKitServerSingle))
        _ = try client.addTransceiver(.video, direction: .sendrecv, sender: .video("cam", ssrc: 1))
        let id = try server.addTransceiver(.video, direction: .sendonly, sender: .video("TR_v", ssrc: 77))
        let exchange = try Exchange(from: &client, to: &server)
        #expect(exchange.answererSession.sections[0].direction == .recvonly)
        #expect(server.mid(of: id) == nil && server.waitingTransceivers(.video) == 1 && server.needsNegotiation)
        #expect(server.waitingTransceivers(.audio) == 0)
    }

    @Test("One connection both ways: sections that only wait to receive are used when something is to be sent")
    func sendsByPreparedSections() throws {
        var (client, server) = (Negotiator.client(), Negotiator.server(.liveKitServerSingle))
        let camera = try client.addTransceiver(.video, direction: .sendonly, sender: .video("cam", ssrc: 1))
        _ = try client.addTransceiver(.video, direction: .recvonly)
        let first = try Exchange(from: &client, to: &server)
        #expect(first.answererSession.sections.map(\.direction) == [.recvonly, .inactive])

        // The client's own section stays its own, also when it stopped sending.
        try client.stopSending(camera)
        _ = try Exchange(from: &client, to: &server)
        let id = try server.addTransceiver(.video, direction: .sendonly, sender: .video("TR_v", ssrc: 77))
        #expect(server.mid(of: id) == "1" && server.waitingTransceivers(.video) == 0 && server.needsNegotiation)
        let second = try Exchange(from: &client, to: &server)
        #expect(second.answererSession.sections.map(\.direction) == [.inactive, .sendonly])
        #expect(second.offererSession.sections[1].remote?.trackID == "TR_v")
        #expect(!server.needsNegotiation)

        try server.stopSending(id)
        let third = try Exchange(from: &client, to: &server)
        #expect(third.answererSession.sections[1].direction == .inactive)
        #expect(try server.addTransceiver(.video, direction: .sendonly, sender: .video("TR_w", ssrc: 79)) == id)
    }
}
