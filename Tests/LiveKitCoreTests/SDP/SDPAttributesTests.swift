import LiveKitCore
import Testing

@Suite("Attributes of WebRTC")
struct SDPAttributesTests {
    /// Reads a value and writes it back.
    private func roundTrip<Value: SDPAttributeValue>(_ type: Value.Type, _ text: String) -> String? {
        Value(attributeValue: text)?.attributeValue
    }

    @Test("Values are written as they were read")
    func roundTrips() {
        #expect(roundTrip(SDPRTPMap.self, "111 opus/48000/2") == "111 opus/48000/2")
        #expect(roundTrip(SDPRTPMap.self, "96 VP8/90000") == "96 VP8/90000")
        #expect(
            roundTrip(SDPFormatParameters.self, "111 minptime=10; useinbandfec=1") == "111 minptime=10;useinbandfec=1")
        #expect(roundTrip(SDPFormatParameters.self, "63 111/111") == "63 111/111")
        #expect(roundTrip(SDPFeedback.self, "* nack pli") == "* nack pli")
        #expect(roundTrip(SDPExtensionMap.self, "3/recvonly urn:x a b") == "3/recvonly urn:x a b")
        #expect(roundTrip(SDPFingerprint.self, "SHA-256 ab:cd") == "sha-256 AB:CD")
        #expect(roundTrip(SDPGroup.self, "BUNDLE 0 1 data") == "BUNDLE 0 1 data")
        #expect(roundTrip(SDPMediaStreamID.self, "PA_a|TR_b TR_b") == "PA_a|TR_b TR_b")
        #expect(roundTrip(SDPMediaStreamSemantic.self, " WMS *") == "WMS *")
        #expect(roundTrip(SDPSourceAttribute.self, "42 msid:a b") == "42 msid:a b")
        #expect(roundTrip(SDPSourceGroup.self, "FID 1 4294967295") == "FID 1 4294967295")
        #expect(roundTrip(SDPRestrictionID.self, "q send pt=96;max-width=320") == "q send pt=96;max-width=320")
        #expect(roundTrip(SDPSimulcast.self, "send 1,~4;2;3 recv c") == "send 1,~4;2;3 recv c")
        #expect(roundTrip(SDPSimulcast.self, "recv c send a") == "send a recv c")
        #expect(roundTrip(SDPSetup.self, "actpass") == "actpass")
    }

    @Test("What is none of a kind is skipped")
    func refuses() {
        #expect(SDPRTPMap(attributeValue: "128 opus/48000") == nil)
        #expect(SDPRTPMap(attributeValue: "96 VP8") == nil)
        #expect(SDPExtensionMap(attributeValue: "0 urn:x") == nil)
        #expect(SDPSourceGroup(attributeValue: "FID 1 4294967296") == nil)
        #expect(SDPSimulcast(attributeValue: "send rid=1,4;2") == nil)
        #expect(SDPSimulcast(attributeValue: "send a send b") == nil)
        #expect(SDPRestrictionID(attributeValue: "q both") == nil)
        let attributes: SDPAttributes = [SDPAttribute("rtpmap", "x"), SDPAttribute("rtpmap", "0 PCMU/8000")]
        #expect(attributes.rtpMaps.map(\.payloadType) == [0])
    }

    @Test("Single attributes are set in place of what was there")
    func setsAttributes() {
        var attributes = SDPAttributes()
        attributes.direction = .sendonly
        attributes.direction = .inactive
        attributes.iceUfrag = "a"
        attributes.iceUfrag = "b"
        attributes.hasRTCPMux = true
        attributes.hasRTCPMux = true
        attributes.sctpPort = 5000
        attributes.maxMessageSize = 262_144
        attributes.iceOptions = ["trickle", "ice2"]
        #expect(
            attributes.map(\.description) == [
                "inactive", "ice-ufrag:b", "rtcp-mux", "sctp-port:5000", "max-message-size:262144",
                "ice-options:trickle ice2",
            ])
    }

    @Test("Format parameters are found whatever their case, and changed in place")
    func changesParameters() {
        var parameters: FormatParameters = "minptime=10;useinbandfec=1"
        #expect(parameters["UseInbandFEC"] == "1")
        parameters["stereo"] = "1"
        parameters["minptime"] = nil
        #expect(parameters.description == "useinbandfec=1;stereo=1")
    }

    @Test("Directions reverse and intersect", arguments: MediaDirection.allCases)
    func directions(direction: MediaDirection) {
        #expect(direction.reversed.reversed == direction)
        #expect(direction.intersection(.sendrecv) == direction)
        #expect(direction.intersection(.inactive) == .inactive)
        #expect(direction.reversed.sends == direction.receives)
    }
}
