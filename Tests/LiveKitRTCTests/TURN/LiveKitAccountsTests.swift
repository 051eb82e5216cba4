import LiveKitCore
import LiveKitRTC
import Testing

@Suite("LiveKit's TURN credentials at the server")
struct LiveKitAccountsTests {
    private static let now: Int64 = 1_800_000_000
    private static let key = "APITestKey"
    private static let secret = "TestSecret"

    private final class Clock {
        var seconds = LiveKitAccountsTests.now
    }

    /// A server for one key, whose time of day the test sets.
    private func server(_ clock: Clock) -> TURNServer {
        let configuration = TURNServerConfiguration(
            relayHosts: [TURNDesk.relayHost], relayPorts: 30_000...30_002, peerFilter: TURNPeerFilter())
        return TURNServer(
            configuration: configuration, entropy: TURNDesk.entropy(3),
            accounts: LiveKitAccounts.accounts(secrets: [Self.key: Self.secret, "empty": ""]) { clock.seconds })
    }

    private static func credentials(
        key: String = key, secret: String = secret, now: Int64 = now
    ) -> TURNCredentials {
        TURNCredentials(apiKey: key, apiSecret: secret, participant: "PA_authfail", lifetimeSeconds: 300, now: now)
    }

    /// What the client machine makes of it.
    private func outcome(
        _ server: inout TURNServer, username: String, password: String, at now: MediaInstant = .start
    ) -> TURNAllocationEvent? {
        let settings = TURNAllocationConfiguration(transport: .udp, username: username, password: password)
        var client = TURNAllocation(configuration: settings, random: DeterministicRandom(seed: 5))
        client.start(now: now)
        for _ in 0..<4 {
            while let bytes = client.pollTransmit() { server.receive(bytes, from: TURNDesk.client(), now: now) }
            while let action = server.pollAction() {
                if case .send(let bytes, _) = action { client.receive(bytes, now: now) }
                if case .openRelay(let relay, _, _) = action { server.relayOpened(relay, now: now) }
            }
        }
        return client.pollEvent()
    }

    @Test("Good credentials allocate")
    func admits() {
        var server = server(Clock())
        let good = Self.credentials()
        let event = outcome(&server, username: good.username, password: good.password)
        let isAllocated = if case .allocated? = event { true } else { false }
        #expect(isAllocated)
        let count = server.allocationCount(of: "PA_authfail")
        #expect(count == 1)
    }

    @Test("Seven kinds of bad credentials do not")
    func refuses() {
        let good = Self.credentials()
        let base62 = { (text: String) in Base62.encode(Array(text.utf8)) }
        let expired = Self.credentials(now: Self.now - 400)
        let rows: [(String, String, String)] = [
            ("unparseable name", "not-base62!!!", good.password),
            ("wrong password", good.username, "wrongpassword"),
            ("expired", expired.username, expired.password),
            ("unknown API key", Self.credentials(key: "unknown").username, good.password),
            ("password of another expiry", good.username, Self.credentials(now: Self.now + 60).password),
            ("expiry of zero", base62("\(Self.key)|PA_authfail|0"), good.password),
            ("no expiry", base62("\(Self.key)|PA_authfail"), good.password),
            (
                "empty secret", Self.credentials(key: "empty", secret: "").username,
                Self.credentials(key: "empty", secret: "").password
            ),
        ]
        for (name, username, password) in rows {
            var server = server(Clock())
            let event = outcome(&server, username: username, password: password)
            #expect(event == .failed(.unauthorized), "\(name)")
            let count = server.allocationCount
            #expect(count == 0, "\(name)")
        }
    }

    @Test("Credentials that expired keep what they have opened, and open nothing more")
    func keepsOldSessions() {
        let clock = Clock()
        var server = server(clock)
        let good = Self.credentials()
        let settings = TURNAllocationConfiguration(transport: .udp, username: good.username, password: good.password)
        var client = TURNAllocation(configuration: settings, random: DeterministicRandom(seed: 5))
        var now = MediaInstant.start
        client.start(now: now)
        for _ in 0..<200 {
            while let bytes = client.pollTransmit() { server.receive(bytes, from: TURNDesk.client(), now: now) }
            while let action = server.pollAction() {
                if case .send(let bytes, _) = action { client.receive(bytes, now: now) }
                if case .openRelay(let relay, _, _) = action { server.relayOpened(relay, now: now) }
            }
            now = now + .seconds(30)
            clock.seconds += 30
            client.handleTimeout(now: now)
            server.handleTimeout(now: now)
        }
        let state = client.state
        #expect(state == .allocated, "refreshed for a hundred minutes")
        var fresh = self.server(clock)
        let event = outcome(&fresh, username: good.username, password: good.password, at: now)
        #expect(event == .failed(.unauthorized))
    }
}
