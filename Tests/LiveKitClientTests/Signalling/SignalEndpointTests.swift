import Testing

@testable import LiveKitClient

@Suite("A server's URL")
struct SignalEndpointTests {
    @Test(
        "Schemes decide about TLS and the usual port",
        arguments: [
            ("ws://host:7880", "host", 7880, false), ("wss://host", "host", 443, true),
            ("http://host", "host", 80, false), ("https://host:8443/", "host", 8443, true),
            ("ws://[::1]:7880", "::1", 7880, false),
        ])
    func parses(_ url: String, host: String, port: Int, isSecure: Bool) throws {
        let endpoint = try SignalEndpoint(url)
        #expect(endpoint.host == host)
        #expect(endpoint.port == port)
        #expect(endpoint.isSecure == isSecure)
    }

    @Test("What is no URL of a server is refused", arguments: ["", "host:7880", "ftp://host", "ws://"])
    func refuses(_ url: String) {
        #expect(throws: LiveKitError.self) { try SignalEndpoint(url) }
    }

    @Test("The path of the URL stays in front of ours, and the protocol is announced")
    func keepsThePath() throws {
        var options = ConnectOptions()
        options.autoSubscribe = false
        let target = try SignalEndpoint("wss://host/livekit/").joinTarget(options)
        #expect(target.hasPrefix("/livekit/rtc?"))
        #expect(target.contains("auto_subscribe=0"))
        #expect(target.contains("protocol=16"))
    }

    @Test("A refusal's status and words decide the error")
    func readsRefusals() {
        #expect(SignalClient.refusal(status: 200, body: "success") == nil)
        #expect(SignalClient.refusal(status: 401, body: "no")?.type == .insufficientPermissions)
        #expect(SignalClient.refusal(status: 404, body: "requested room does not exist")?.type == .validation)
        #expect(SignalClient.refusal(status: 404, body: "")?.type == .serviceNotFound)
        #expect(SignalClient.refusal(status: 404, body: "404 page not found")?.type == .serviceNotFound)
        #expect(SignalClient.refusal(status: 503, body: "full")?.type == .network)
        #expect(SignalClient.refusal(status: 400, body: "no identity")?.message?.contains("no identity") == true)
    }

    @Test("A trickled candidate is read from its JSON")
    func readsCandidates() {
        let json = #"{"candidate":"candidate:1 1 udp 1 127.0.0.1 9 typ host","sdpMid":"0","sdpMLineIndex":0}"#
        #expect(ICECandidateInit.parse(json)?.candidate == "candidate:1 1 udp 1 127.0.0.1 9 typ host")
        #expect(ICECandidateInit.parse(#"{"candidate":""}"#) == nil)
        #expect(ICECandidateInit.parse("nothing") == nil)
    }
}
