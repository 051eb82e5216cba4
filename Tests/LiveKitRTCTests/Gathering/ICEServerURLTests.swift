import LiveKitRTC
import Testing

@Suite("ICE server URLs, RFC 7064 and RFC 7065")
struct ICEServerURLTests {
    @Test("What is a URL is read")
    func reads() throws {
        let rows: [(String, ICEServerURL.Kind, String, UInt16)] = [
            ("stun:stun.example.com", .stun, "stun.example.com", 3478),
            ("stun:192.0.2.1:19302", .stun, "192.0.2.1", 19_302),
            ("turn:turn.example.com", .turn(.udp), "turn.example.com", 3478),
            ("turn:[2001:db8::1]:80?transport=udp", .turn(.udp), "2001:db8::1", 80),
            ("turn:[2001:db8::1]?transport=tcp", .turn(.tcp), "2001:db8::1", 3478),
            ("TURNS:turn.example.com:443?transport=tcp", .turn(.tls), "turn.example.com", 443),
            ("turns:turn.example.com", .turn(.tls), "turn.example.com", 5349),
        ]
        for (text, kind, host, port) in rows {
            let url = try #require(ICEServerURL(text), "\(text)")
            #expect(url.kind == kind && url.host == host && url.port == port, "\(text)")
        }
    }

    @Test(
        "What is none is refused",
        arguments: [
            "", "turn", "turn:", "turn::3478", "http://example.com", "turn://example.com", "stuns:example.com",
            "turns:example.com?transport=udp", "turn:example.com?transport=sctp", "turn:example.com?x=y",
            "stun:example.com?transport=udp", "turn:example.com:0", "turn:example.com:65536", "turn:example.com:+80",
            "turn:user@example.com", "turn:[::1", "turn:[example.com]", "turn:exa mple.com", "turn:a:1:2",
        ])
    func refuses(text: String) {
        #expect(ICEServerURL(text) == nil)
    }
}
