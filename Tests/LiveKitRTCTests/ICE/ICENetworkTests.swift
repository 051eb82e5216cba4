import LiveKitCore
import LiveKitTestSupport
import Testing

@testable import LiveKitRTC

@Suite("ICEAgent over NATs, RFC 8445 and RFC 4787")
struct ICENetworkTests {
    private static let kinds: [(name: String, nat: NATBehaviour?)] = [
        ("none", nil), ("full cone", .fullCone), ("address restricted", .addressRestricted),
        ("port restricted", .portRestricted), ("symmetric", .symmetric),
    ]

    /// A symmetric NAT shows each peer a port that no other can name; a peer that lets in only the ports it has
    /// written to never learns it.
    private static func needsRelay(_ left: NATBehaviour?, _ right: NATBehaviour?) -> Bool {
        let isStrict = { (nat: NATBehaviour?) in nat == .symmetric || nat == .portRestricted }
        return left == .symmetric && isStrict(right) || right == .symmetric && isStrict(left)
    }

    @Test(
        "Server-reflexive candidates lead through every pair of NATs that lets them",
        arguments: 1...4 as ClosedRange<UInt64>)
    func connectsThroughNATs(seed: UInt64) {
        for left in Self.kinds {
            for right in Self.kinds {
                var options = ICENetworkCall.Options(seed: seed)
                options.leftNAT = left.nat
                options.rightNAT = right.nat
                let call = ICENetworkCall(options)
                let isPossible = !Self.needsRelay(left.nat, right.nat)
                #expect(call.run(.seconds(3)) { call.areConnected } == isPossible, "\(left.name) to \(right.name)")
                call.run(.seconds(20))
                #expect(call.areConnected == isPossible, "\(left.name) to \(right.name) later")
            }
        }
    }

    @Test("Host candidates alone reach whoever has a public address", arguments: 0..<5)
    func needsNoReflexive(kind: Int) {
        var options = ICENetworkCall.Options(seed: 7)
        options.leftNAT = Self.kinds[kind].nat
        options.usesReflexive = false
        let call = ICENetworkCall(options)
        #expect(call.run(.seconds(2)) { call.areConnected })
        #expect(call.right.selectedPath?.remote.host == "203.0.113.1")
    }

    @Test("With a relay every pair of NATs connects, and takes it only where there is no other way")
    func relays() {
        for left in Self.kinds {
            for right in Self.kinds {
                var options = ICENetworkCall.Options(seed: 11)
                options.leftNAT = left.nat
                options.rightNAT = right.nat
                options.usesRelay = true
                let call = ICENetworkCall(options)
                #expect(call.run(.seconds(3)) { call.areConnected }, "\(left.name) to \(right.name)")
                call.run(.seconds(5))
                let takesRelay =
                    call.left.selectedPath?.transport == .relay(3)
                    || call.left.selectedPath?.remote.host == "198.51.100.99"
                #expect(takesRelay == Self.needsRelay(left.nat, right.nat), "\(left.name) to \(right.name)")
                #expect(call.areConnected)
            }
        }
    }

    @Test("A relayed pair gives way to a direct one that comes up later")
    func upgrades() {
        var options = ICENetworkCall.Options(seed: 13)
        options.leftNAT = .portRestricted
        options.rightNAT = .portRestricted
        options.usesReflexive = false
        options.usesRelay = true
        let call = ICENetworkCall(options)
        #expect(call.run(.seconds(3)) { call.areConnected })
        #expect(call.left.selectedPath.map { $0.transport != .udp || $0.remote.host == "198.51.100.99" } ?? false)
        call.left.gatherReflexive(from: ICECall.address("198.51.100.53", 3478), now: call.now)
        call.right.gatherReflexive(from: ICECall.address("198.51.100.53", 3478), now: call.now)
        call.simulation.flush()
        call.run(.seconds(5))
        #expect(call.areConnected)
        #expect(call.left.selectedPath?.remote.host == "203.0.113.2")
        #expect(call.right.selectedPath?.remote.host == "203.0.113.1")
    }

    @Test("Dual-stack hosts pair addresses of one family only")
    func pairsFamilies() {
        var options = ICENetworkCall.Options(seed: 17)
        options.families = [.ipv4, .ipv6]
        let call = ICENetworkCall(options)
        #expect(call.run(.seconds(1)) { call.areConnected })
        let pairs = call.left.agent.checklist.pairs
        for pair in pairs { #expect(pair.path.local.family == pair.path.remote.family) }
        options.families = [.ipv6]
        options.usesReflexive = false
        let six = ICENetworkCall(options)
        #expect(six.run(.seconds(1)) { six.areConnected })
        #expect(six.left.selectedPath?.remote == ICECall.address("2001:db8::2", 6000))
    }

    @Test("A lite agent behind no NAT serves full ones behind any", arguments: 0..<5)
    func serves(kind: Int) {
        for role in [ICERole.controlling, .controlled] {
            var options = ICENetworkCall.Options(seed: 19)
            options.leftNAT = Self.kinds[kind].nat
            options.leftRole = role
            options.rightRole = .controlling
            options.rightICE.isLite = true
            let call = ICENetworkCall(options)
            #expect(call.run(.seconds(2)) { call.areConnected })
            #expect(call.left.role == .controlling && call.right.role == .controlled)
            call.run(.seconds(60))
            #expect(call.areConnected)
            #expect(call.right.statistics.checksSent == 0)
            #expect(call.right.statistics.responsesSent > 10)
        }
    }
}

@Suite("ICEAgent when the network changes")
struct ICENetworkChangeTests {
    /// How long media may pause when a NAT gives its client another port: two keepalives.
    private static let longestGap: MediaDuration = .seconds(4)

    @Test(
        "Media goes on within four seconds of a NAT's rebinding, and never to an address that proved nothing",
        arguments: 1...25 as ClosedRange<UInt64>)
    func followsRebinding(seed: UInt64) {
        for (role, isLite) in [(ICERole.controlling, false), (.controlled, false), (.controlling, true)] {
            var options = ICENetworkCall.Options(seed: seed)
            options.leftNAT = .portRestricted
            options.leftRole = role
            options.rightRole = role == .controlling ? .controlled : .controlling
            options.rightICE.isLite = isLite
            let call = ICENetworkCall(options)
            call.run(.seconds(3))
            #expect(call.areConnected)
            call.runWithMedia(.milliseconds(Int64(seed * 83)))
            guard let nat = call.leftNAT, let before = call.right.selectedPath?.remote else { return }
            let start = call.now
            call.simulation.network.rebind(nat, to: ICECall.address("203.0.113.77", 0))
            call.runWithMedia(.seconds(8))
            #expect(call.longestGap(since: start) <= Self.longestGap, "\(role) lite: \(isLite)")
            let after = call.right.selectedPath?.remote
            #expect(after?.host == "203.0.113.77")
            #expect(call.right.mediaDestinations.allSatisfy { $0.address == before || $0.address == after })
            #expect(call.areConnected)
        }
    }

    @Test("A restart from another address moves media in one step", arguments: 1...10 as ClosedRange<UInt64>)
    func restarts(seed: UInt64) {
        let options = ICENetworkCall.Options(seed: seed)
        let call = ICENetworkCall(options)
        call.run(.seconds(3))
        #expect(call.areConnected)
        let host = call.left.host
        let start = call.now
        // The new network is there before the old one goes: what a phone does.
        call.simulation.network.add(ICECall.address("203.0.113.50", 0), to: host)
        var random = DeterministicRandom(seed: seed)
        call.left.agent.restart(local: ICECall.credentials(&random), now: call.now)
        call.right.agent.restart(local: ICECall.credentials(&random), now: call.now)
        call.right.agent.setRemoteCredentials(call.left.agent.localCredentials, now: call.now)
        call.left.agent.setRemoteCredentials(call.right.agent.localCredentials, now: call.now)
        call.left.agent.addRemoteCandidate(
            ICECandidate(host: ICECall.address("203.0.113.2", 6000)), now: call.now)
        call.simulation.network.remove(ICECall.address("203.0.113.1", 0), from: host)
        call.runWithMedia(.seconds(3))
        #expect(call.longestGap(since: start) <= .milliseconds(400))
        #expect(call.right.selectedPath?.remote.host == "203.0.113.50")
        #expect(call.areConnected)
        #expect(call.left.states.last?.state == .connected)
    }

    @Test(
        "Agents connect through heavy loss without much delay", arguments: [(0.1, 500), (0.3, 1000), (0.5, 2500)])
    func connectsThroughLoss(loss: Double, limit: Int64) {
        var times: [MediaDuration] = []
        for seed in 1...100 as ClosedRange<UInt64> {
            var options = ICENetworkCall.Options(seed: seed)
            options.conditions.loss = .random(loss)
            options.usesReflexive = false
            let call = ICENetworkCall(options)
            #expect(call.run(.seconds(15)) { call.areConnected }, "seed \(seed)")
            times.append(call.now - .start)
        }
        times.sort()
        #expect(times[94] <= .milliseconds(limit), "p95 \(times[94].milliseconds) ms")
    }

    @Test("A call that stands survives half of its packets being lost", arguments: 1...10 as ClosedRange<UInt64>)
    func survivesLoss(seed: UInt64) {
        var options = ICENetworkCall.Options(seed: seed)
        options.conditions.loss = .random(0.5)
        let call = ICENetworkCall(options)
        call.run(.seconds(15)) { call.areConnected }
        call.run(.seconds(120))
        #expect(call.areConnected)
    }
}
