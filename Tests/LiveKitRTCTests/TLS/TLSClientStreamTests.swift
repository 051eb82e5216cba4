import LiveKitCore
import LiveKitRTC
import Testing

@Suite("TLSClientStream, RFC 8446, against OpenSSL's server")
struct TLSClientStreamTests {
    private func client(_ server: TLSTestServer, host: String, trusts: Bool = true) throws -> TLSClientStream {
        try TLSClientStream(TLSClientContext(roots: trusts ? [server.pem] : []), host: host)
    }

    private func taken(_ client: TLSClientStream) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: 65_536)
        let count = unsafe bytes.withUnsafeMutableBytes { unsafe client.takeOutbound(into: $0) }
        return Array(bytes.prefix(count))
    }

    private func give(_ bytes: [UInt8], to client: TLSClientStream) {
        unsafe bytes.withUnsafeBytes { unsafe client.receive($0) }
    }

    private func read(_ client: TLSClientStream) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: 65_536)
        let count = unsafe bytes.withUnsafeMutableBytes { unsafe client.read(into: $0) }
        return Array(bytes.prefix(count))
    }

    private func send(_ bytes: [UInt8], by client: TLSClientStream) -> Bool {
        unsafe bytes.withUnsafeBytes { unsafe client.send($0) }
    }

    /// Carries bytes to and fro, a few at a time, until neither side has any.
    private func shakeHands(_ client: TLSClientStream, _ server: TLSTestServer, pieces: Int = 65_536) {
        client.start()
        for _ in 0..<8 {
            _ = server.receive(taken(client))
            let answer = server.takeOutbound()
            for start in stride(from: 0, to: answer.count, by: pieces) {
                give(Array(answer[start..<min(start + pieces, answer.count)]), to: client)
            }
        }
    }

    @Test("A server of that name, that somebody vouches for, is spoken to", arguments: [1, 7, 65_536])
    func connects(pieces: Int) throws {
        let server = try TLSTestServer(name: "turn.example.com")
        let client = try client(server, host: "turn.example.com")
        shakeHands(client, server, pieces: pieces)
        #expect(client.state == .open)
        let request = Array("over TLS".utf8)
        #expect(send(request, by: client))
        #expect(server.receive(taken(client)) == request)
        server.send([1, 2, 3])
        give(server.takeOutbound(), to: client)
        #expect(read(client) == [1, 2, 3] && read(client).isEmpty)
        client.close()
        #expect(!taken(client).isEmpty, "a goodbye")
        #expect(client.state == .ended(nil) && !send(request, by: client))
    }

    @Test("Another name, an address, or nobody's word for it: refused, and nothing is sent")
    func refuses() throws {
        let rows: [(String, Bool)] = [
            ("other.example.com", true), ("example.com", true), ("192.0.2.1", true), ("turn.example.com", false),
        ]
        for (host, trusts) in rows {
            let server = try TLSTestServer(name: "turn.example.com")
            let client = try client(server, host: host, trusts: trusts)
            shakeHands(client, server)
            guard case .ended(.untrusted(let reason)?) = client.state else {
                Issue.record("\(host): \(client.state)")
                continue
            }
            #expect(!reason.isEmpty)
            #expect(!send([1], by: client))
        }
    }

    @Test("Who says so may leave certificates unchecked")
    func verifiesNothing() throws {
        let server = try TLSTestServer(name: "turn.example.com")
        let client = try TLSClientStream(TLSClientContext(verifiesCertificates: false), host: "192.0.2.1")
        shakeHands(client, server)
        #expect(client.state == .open)
    }

    @Test("Nothing is taken before the handshake is done, nor more than fits")
    func boundsWhatWaits() throws {
        let server = try TLSTestServer(name: "a")
        let client = try client(server, host: "a")
        #expect(!send([1], by: client))
        shakeHands(client, server)
        let chunk = [UInt8](repeating: 7, count: 16_000)
        var accepted = 0
        while send(chunk, by: client), accepted < 1000 { accepted += 1 }
        #expect((10...17).contains(accepted))
        #expect(client.outboundCount <= TLSClientStream.outboundLimit + 17_000)
        #expect(client.state == .open, "what did not fit is left out")
    }

    @Test("The server's goodbye, and garbage, end it")
    func ends() throws {
        let server = try TLSTestServer(name: "a")
        let polite = try client(server, host: "a")
        shakeHands(polite, server)
        server.sayGoodbye()
        give(server.takeOutbound(), to: polite)
        #expect(read(polite).isEmpty && polite.state == .ended(nil))
        let garbled = try client(try TLSTestServer(name: "a"), host: "a")
        garbled.start()
        give(Array("HTTP/1.1 400 Bad Request\r\n\r\n".utf8), to: garbled)
        guard case .ended(.protocolError?) = garbled.state else {
            Issue.record("\(garbled.state)")
            return
        }
    }

    @Test("Random bytes in the place of the server's neither trap nor open it")
    func survivesGarbage() throws {
        var random = DeterministicRandom(seed: 5)
        for _ in 0..<50 {
            let server = try TLSTestServer(name: "a")
            let client = try client(server, host: "a")
            client.start()
            _ = server.receive(taken(client))
            var answer = server.takeOutbound()
            for _ in 0..<Int.random(in: 1...8, using: &random) where !answer.isEmpty {
                answer[Int.random(in: answer.indices, using: &random)] ^= UInt8.random(in: 1...255, using: &random)
            }
            give(answer, to: client)
            #expect(client.state != .open)
        }
    }

    @Test("What is no certificate is no root", arguments: ["", "nonsense", "-----BEGIN CERTIFICATE-----\nAAAA\n"])
    func refusesBadRoots(pem: String) {
        #expect(throws: TLSFailure.badRoots) { try TLSClientContext(roots: [pem]) }
    }
}
