import LiveKitCore
import LiveKitRTC
import LiveKitTestSupport
import Testing

@Suite("Offers of real peers")
struct NegotiatorPeersTests {
    private func answer(
        _ offer: String, preferences: [String: SectionPreferences] = [:]
    ) throws -> (description: SessionDescription, session: NegotiatedSession) {
        var server = Negotiator.server()
        _ = try server.applyRemoteOffer(offer)
        for (mid, preference) in preferences { server.setPreferences(preference, forMID: mid) }
        let answer = try server.createAnswer(.side("server"))
        return (try SessionDescription(parsing: answer.text), answer.session)
    }

    @Test("Chromium's simulcast keeps its payload types, extension ids and order, but for RED, which we prefer")
    func answersChromium() throws {
        let (description, session) = try answer(OfferTexts.chromiumSimulcast)
        let (data, audio, video) = (description.media[0], description.media[1], description.media[2])
        #expect(description.attributes.bundleGroups.map(\.mids) == [["0", "1", "2"]])
        #expect(description.attributes.allowsMixedExtensions)
        #expect(data.attributes.sctpPort == 5000 && data.attributes.maxMessageSize == 262_144)
        #expect(audio.formats == ["63", "111", "0", "8"])
        #expect(
            audio.attributes.formatParameters.map(\.attributeValue) == ["63 111/111", "111 minptime=10;useinbandfec=1"])
        #expect(audio.attributes.extensionMaps.map(\.id) == [1, 4])
        #expect(video.formats == ["96", "97", "103", "104", "107", "108", "45", "46"])
        #expect(video.attributes.extensionMaps.map(\.id) == [3, 4, 10, 11])
        #expect(
            video.attributes.feedback.filter { $0.payloadType == 96 }.map(\.message)
                == ["transport-cc", "ccm fir", "nack", "nack pli"])
        #expect(video.attributes.simulcast?.attributeValue == "recv q;h;f")
        #expect(description.media.allSatisfy { $0.attributes.setup == .passive })
        #expect(data.attributes.candidates.count == 1 && audio.attributes.candidates.isEmpty)
        #expect(session.sections[2].remote?.rids == ["q", "h", "f"])
        #expect(session.sections[2].remote?.trackID == "cam")
        #expect(session.sections[1].remote?.sources.map(\.ssrc.rawValue) == [2_233_075_910])
        #expect(session.dtlsRole == .server)
    }

    @Test("Preferences put RED first and ask for stereo")
    func prefersRED() throws {
        let preference = SectionPreferences(codecs: ["red", "opus"], formatParameters: ["opus": "stereo=1;usedtx=1"])
        let (description, session) = try answer(OfferTexts.chromiumSimulcast, preferences: ["1": preference])
        #expect(description.media[1].formats == ["63", "111"])
        #expect(
            session.sections[1].codecs.last?.formatParameters.description
                == "minptime=10;useinbandfec=1;stereo=1;usedtx=1")
    }

    @Test("libwebrtc's streams by SSRC are paired with their retransmissions; RTCP's own candidates are left out")
    func answersLibwebrtc() throws {
        let (description, session) = try answer(OfferTexts.libwebrtcSSRC)
        let remote = try #require(session.sections[0].remote)
        #expect(remote.sources.map(\.ssrc.rawValue) == [11, 12])
        #expect(remote.sources.map(\.rtxSSRC?.rawValue) == [21, 22])
        #expect(remote.simulcastGroup.map(\.rawValue) == [11, 12])
        #expect(remote.streamID == nil && remote.trackID == "cam")
        #expect(session.sections[0].direction == .recvonly)
        #expect(session.sections[0].codecs.map(\.payloadType) == [100])
        #expect(session.sections[0].codecs[0].rtxPayloadType == 101)
        #expect(!session.sections[0].usesReducedSizeRTCP)
        #expect(description.media[0].attributes.direction == .recvonly)
        #expect(session.remoteTransport?.candidates.count == 1)
        #expect(session.remoteTransport?.sctpPort == nil)
    }

    @Test("aiortc's first section speaks for the bundle; data channels are answered in the old form")
    func answersAiortc() throws {
        let (description, session) = try answer(OfferTexts.aiortc)
        #expect(session.remoteTransport?.ufrag == "5VTJ")
        #expect(session.remoteTransport?.candidates == ["candidate:f9 1 udp 2130706431 192.0.2.9 40000 typ host"])
        #expect(session.remoteTransport?.maxMessageSize == 65536)
        #expect(description.media[1].transportProtocol == "DTLS/SCTP" && description.media[1].formats == ["5000"])
        #expect(description.media[1].attributes["sctpmap"] == "5000 webrtc-datachannel 65535")
        #expect(description.media[0].formats == ["96", "0", "8"])
    }

    @Test("Fingerprint and setup may stand in the session's part, as Firefox has them")
    func readsSessionLevel() throws {
        var description = try SessionDescription(parsing: OfferTexts.libwebrtcSSRC)
        for name in ["fingerprint", "setup", "ice-ufrag", "ice-pwd"] {
            description.attributes.append(name, description.media[0].attributes[name])
            description.media[0].attributes.removeAll(named: name)
        }
        let session = try answer(try description.encoded()).session
        #expect(session.remoteTransport?.ufrag == "abcd" && session.remoteTransport?.fingerprints.count == 1)
    }

    @Test("A section that the peer stopped comes back under another name, and gets another transceiver")
    func recyclesRemotely() throws {
        var server = Negotiator.server()
        let first = try server.applyRemoteOffer(OfferTexts.libwebrtcSSRC)
        _ = try server.createAnswer(.side("server"))
        let stopped = OfferTexts.libwebrtcSSRC.replacing("m=video 9", with: "m=video 0")
        _ = try server.applyRemoteOffer(stopped)
        let refused = try server.createAnswer(.side("server")).session
        #expect(refused.sections[0].isRejected && refused.sections[0].transceiver == first.sections[0].transceiver)
        let renamed = OfferTexts.libwebrtcSSRC.replacing("a=mid:0", with: "a=mid:5")
            .replacing("BUNDLE 0", with: "BUNDLE 5")
        let again = try server.applyRemoteOffer(renamed)
        #expect(again.sections.map(\.mid) == ["5"])
        #expect(again.sections[0].transceiver != first.sections[0].transceiver)
        #expect(throws: NegotiationError.self) { try server.applyRemoteOffer(renamed) }
    }

    @Test("Sections outside the bundle and without rtcp-mux are refused")
    func refusesOtherTransports() throws {
        let unbundled = OfferTexts.chromiumSimulcast.replacing("BUNDLE 0 1 2", with: "BUNDLE 0 1")
        #expect(try answer(unbundled).description.media.map(\.port) == [9, 9, 0])
        let unmuxed = OfferTexts.libwebrtcSSRC.replacing("a=rtcp-mux\n", with: "")
        #expect(try answer(unmuxed).description.media.map(\.port) == [0])
    }

    @Test("H.264 matches by profile and packetization mode, VP9 by profile")
    func matchesProfiles() throws {
        let session = try answer(OfferTexts.chromiumSimulcast).session
        let h264 = session.sections[2].codecs.filter { $0.name == "H264" }
        #expect(h264.map { $0.formatParameters["profile-level-id"] } == ["42001f", "42e01f"])
        #expect(!session.sections[2].codecs.contains { $0.name == "VP9" }, "profile 2 is none of ours")
    }

    @Test("The corpora's offers are answered or refused", .enabled(if: TestData.root != nil, "no corpora"))
    func answersTheCorpora() throws {
        var answered = 0
        for folder in ["webrtc-bsd3/sdp-corpus", "sdp-transform-mit"] {
            for file in TestData.files(in: folder, suffix: ".sdp") {
                let text = String(decoding: try TestData.bytes(of: file), as: UTF8.self)
                if let session = try? answer(text).session, !session.sections.allSatisfy(\.isRejected) { answered += 1 }
            }
        }
        #expect(answered >= 5)
    }
}
