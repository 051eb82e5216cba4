import LiveKitCore
import LiveKitRTC
import LiveKitTestSupport
import Testing

@Suite("ICEAgent against strangers, RFC 8445 §7.3")
struct ICEStrangerTests {
    private let stranger = ICECall.address("192.0.2.66", 666)

    private func check(_ username: String, password: String, more: [STUNAttribute] = []) -> [UInt8] {
        let attributes: [STUNAttribute] = [.username(username), .priority(1), .iceControlling(9)]
        return STUNMessage(
            class: .request, method: .binding, transactionID: STUNTransactionID(high: 1, low: 2),
            attributes: attributes + more
        ).encoded(key: STUNKey(password: password))
    }

    @Test("Checks with a wrong ufrag or password are not answered and validate nothing")
    func ignoresStrangers() {
        let call = ICECall(seed: 1)
        call.signal()
        call.run(.seconds(1))
        let local = call.right.localCredentials
        let peer = call.left.localCredentials.ufrag
        let forged = [
            check("\(local.ufrag):\(peer)", password: "not the password of this"),
            check("\(local.ufrag)x:\(peer)", password: local.password),
            check("\(local.ufrag):someoneElse", password: local.password),
            check(local.ufrag, password: local.password),
        ]
        for bytes in forged {
            call.right.receive(
                bytes.rawSpan, from: stranger, to: ICECall.rightHost, transport: .udp, now: call.now)
            #expect(call.nextFromRight() == nil)
        }
        #expect(!call.rightAccepts(stranger))
        #expect(call.right.statistics.unauthenticated == 1)
        #expect(call.right.statistics.unknownUsernames == 3)
        #expect(call.right.selectedPath?.remote == ICECall.leftHost)
    }

    @Test("Ten thousand random datagrams change nothing", arguments: 1...2 as ClosedRange<UInt64>)
    func ignoresNoise(seed: UInt64) {
        let call = ICECall(seed: seed)
        call.signal()
        call.run(.seconds(1))
        var random = DeterministicRandom(seed: seed)
        let template = check("\(call.right.localCredentials.ufrag):x", password: "y")
        for round in 0..<10_000 {
            var bytes = template
            if round % 2 == 0 {
                bytes = (0..<Int.random(in: 0...60, using: &random)).map { _ in
                    UInt8.random(in: 0...255, using: &random)
                }
            } else {
                bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            call.right.receive(bytes.rawSpan, from: stranger, to: ICECall.rightHost, transport: .udp, now: call.now)
        }
        #expect(call.nextFromRight() == nil)
        #expect(call.right.state == .connected)
        #expect(!call.rightAccepts(stranger))
    }

    @Test("Validity is of the whole 5-tuple")
    func comparesTheTuple() {
        let call = ICECall(seed: 2)
        #expect(!call.rightAccepts(ICECall.leftHost))
        call.signal()
        call.run(.seconds(1))
        #expect(call.rightAccepts(ICECall.leftHost))
        let unspecified = TransportAddress(ipv4: 0, port: 0)
        #expect(call.rightAccepts(ICECall.leftHost, at: unspecified))
        #expect(!call.rightAccepts(ICECall.leftHost, over: .tcp))
        let otherPort = ICECall.leftHost.with(port: 1)
        #expect(!call.rightAccepts(otherPort))
    }

    @Test("An attribute that must be understood and is not gets a 420, authenticated")
    func refusesUnknownAttributes() throws {
        let call = ICECall(seed: 3)
        let local = call.right.localCredentials
        let bytes = check("\(local.ufrag):peer", password: local.password, more: [.other(type: 0x7777, value: [])])
        call.right.receive(bytes.rawSpan, from: stranger, to: ICECall.rightHost, transport: .udp, now: call.now)
        let sent = try #require(call.nextFromRight())
        let answer = try STUNMessage(parsing: sent.bytes)
        #expect(answer.errorCode?.code == 420)
        #expect(answer.attributes.contains(.unknownAttributes([0x7777])))
        #expect(answer.isAuthentic(key: STUNKey(password: local.password)))
    }

    @Test("Candidates beyond the limits are ignored and cost nothing")
    func boundsCandidates() {
        let call = ICECall(seed: 4)
        call.left.setRemoteCredentials(call.right.localCredentials, now: call.now)
        for port in 1...2000 as ClosedRange<UInt16> {
            call.left.addRemoteCandidate(ICECandidate(host: ICECall.address("192.0.2.1", port)), now: call.now)
        }
        #expect(call.left.statistics.ignoredCandidates == 2000 - 64)
    }

    @Test("A peer may not aim us at loopback, multicast or nothing")
    func ignoresUnusableTargets() {
        let call = ICECall(seed: 5)
        call.left.setRemoteCredentials(call.right.localCredentials, now: call.now)
        for host in ["127.0.0.1", "224.0.0.1", "255.255.255.255", "0.0.0.0", "::1", "ff02::1"] {
            call.left.addRemoteCandidate(ICECandidate(host: ICECall.address(host, 7000)), now: call.now)
        }
        call.left.addRemoteCandidate(ICECandidate(host: ICECall.address("192.0.2.1", 0)), now: call.now)
        call.run(.seconds(1))
        #expect(call.left.statistics.checksSent == 0)
    }
}
