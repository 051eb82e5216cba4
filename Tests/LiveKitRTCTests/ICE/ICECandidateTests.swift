import LiveKitCore
import LiveKitRTC
import LiveKitTestSupport
import Testing

@Suite("ICECandidate and ICECredentials, RFC 8839")
struct ICECandidateTests {
    @Test("A candidate of libwebrtc is read, its extensions read over")
    func readsLibwebrtc() throws {
        let candidate = try ICECandidate(
            parsing: """
                candidate:1052353102 1 udp 1686052607 203.0.113.5 51472 typ srflx raddr 10.1.2.3 rport 51472 \
                generation 0 ufrag 8hhY network-id 1 network-cost 10
                """)
        #expect(candidate.foundation == "1052353102")
        #expect(candidate.transport == .udp)
        #expect(candidate.priority == 1_686_052_607)
        #expect(candidate.kind == .serverReflexive)
        #expect(candidate.address == TransportAddress(host: "203.0.113.5", port: 51472))
        #expect(candidate.relatedAddress == TransportAddress(host: "10.1.2.3", port: 51472))
        #expect(candidate.ufrag == "8hhY")
        #expect(try ICECandidate(parsing: "a=" + candidate.attribute) == candidate)
    }

    @Test("TCP and IPv6 candidates survive the round trip")
    func roundTripsTCP() throws {
        let text = "candidate:7 1 tcp 1518280447 2001:db8::1 7881 typ host tcptype passive"
        let candidate = try ICECandidate(parsing: text)
        #expect(candidate.tcpType == .passive)
        #expect(candidate.attribute == text)
        #expect(try ICECandidate(parsing: text.replacing(" tcp ", with: " TCP ")) == candidate)
    }

    @Test("An mDNS name is told apart from nonsense")
    func recognisesHostNames() {
        let name = "candidate:1 1 udp 2122260223 3a1b2c3d-0000-4000-8000-1234567890ab.local 5353 typ host"
        #expect(throws: WireError.invalid(.candidateHostName)) { try ICECandidate(parsing: name) }
        #expect(throws: WireError.invalid(.candidateTransport)) {
            try ICECandidate(parsing: "candidate:1 1 ssltcp 1 10.0.0.1 443 typ host")
        }
        for text in [
            "", "candidate:", "candidate:1 1 udp", "candidate:1 0 udp 1 10.0.0.1 1 typ host",
            "candidate:1 1 udp 1 10.0.0.1 65536 typ host", "candidate:1 1 udp 1 10.0.0.1 1 typ guest",
            "candidate:1 1 udp -1 10.0.0.1 1 typ host", String(repeating: "x", count: 5000),
        ] {
            #expect(throws: WireError.invalid(.candidate)) { try ICECandidate(parsing: text) }
        }
    }

    @Test("Priorities follow RFC 8445 §5.1.2.1 and put UDP above TCP")
    func computesPriorities() {
        let address = ICECall.leftHost
        #expect(ICECandidate(host: address).priority == 126 << 24 | 65535 << 8 | 255)
        #expect(ICECandidate(host: address).priority > ICECandidate(host: address, preference: 1).priority)
        #expect(
            ICECandidate(host: address, preference: 0).priority > ICECandidate(host: address, transport: .tcp).priority)
    }

    @Test("Foundations are shared by base and transport, not by port")
    func computesFoundations() {
        let one = ICECandidate(host: ICECall.leftHost)
        #expect(one.foundation == ICECandidate(host: ICECall.leftHost.with(port: 9)).foundation)
        #expect(one.foundation != ICECandidate(host: ICECall.leftHost, transport: .tcp).foundation)
        #expect(one.foundation != ICECandidate(host: ICECall.rightHost).foundation)
    }

    @Test("Fresh credentials are well formed, and bad ones are not")
    func checksCredentials() {
        var random = DeterministicRandom(seed: 1)
        let credentials = ICECall.credentials(&random)
        #expect(credentials.isWellFormed)
        #expect(credentials.ufrag.count == 12 && credentials.password.count == 24)
        #expect(!ICECredentials(ufrag: "abc", password: credentials.password).isWellFormed)
        #expect(!ICECredentials(ufrag: "ab:c", password: credentials.password).isWellFormed)
        #expect(!ICECredentials(ufrag: "abcd", password: "short").isWellFormed)
    }
}

@Suite("ICECandidate of ours, RFC 8445 §5.1")
struct LocalICECandidateTests {
    private let base = ICECall.address("0.0.0.0", 5000)

    @Test("Kinds rank host, server-reflexive, relayed")
    func ranks() {
        let host = ICECandidate(host: ICECall.leftHost, base: base)
        let reflexive = ICECandidate(serverReflexive: ICECall.address("203.0.113.1", 40_000), base: base)
        let relayed = ICECandidate(relayed: ICECall.address("198.51.100.1", 30_000), allocation: 0)
        #expect(host.priority > reflexive.priority && reflexive.priority > relayed.priority)
        #expect(Set([host, reflexive, relayed].map(\.foundation)).count == 3)
        #expect(host.base == base && reflexive.base == base && relayed.base == relayed.address)
    }

    @Test("A relayed candidate is UDP on the wire, a reflexive one tells its base")
    func writes() throws {
        let relayed = ICECandidate(
            relayed: ICECall.address("198.51.100.1", 30_000), allocation: 7,
            mappedAddress: ICECall.address("203.0.113.1", 40_000))
        #expect(
            relayed.attribute.hasSuffix(
                "udp \(relayed.priority) 198.51.100.1 30000 typ relay raddr 203.0.113.1 rport 40000"))
        #expect(try ICECandidate(parsing: relayed.attribute).transport == .udp)
        let reflexive = ICECandidate(serverReflexive: ICECall.address("203.0.113.1", 40_000), base: base)
        #expect(reflexive.attribute.hasSuffix("203.0.113.1 40000 typ srflx raddr 0.0.0.0 rport 5000"))
    }
}
