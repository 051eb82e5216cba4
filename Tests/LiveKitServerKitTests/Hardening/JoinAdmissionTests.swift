import LiveKitCore
import Testing

@testable import LiveKitServerKit

@Suite("Admission of joins")
struct JoinAdmissionTests {
    @Test(
        "In a storm the node stays near its capacity, and who is admitted finishes in time",
        arguments: zip([5.0, 20, 20, 20, 60, 300], [4.0, 1.2, 4, 10, 10, 2]))
    func storm(capacity: Double, overload: Double) {
        let outcome = JoinStorm(capacity: capacity, arrivals: { _ in capacity * overload }).run(seed: 1)
        let steady = Double(outcome.bySecond[5...].reduce(0, +)) / (capacity * 15)
        #expect(steady >= 0.8, "\(outcome)")
        #expect(outcome.failed == 0 && outcome.refused > 0 && outcome.longest < .seconds(10), "\(outcome)")
    }

    @Test("Without admission the same storm lets nobody in, so the model can fail")
    func collapse() {
        var storm = JoinStorm(capacity: 20, arrivals: { _ in 80 })
        storm.isControlled = false
        let outcome = storm.run(seed: 1)
        #expect(outcome.bySecond[10...].allSatisfy { $0 == 0 } && outcome.failed > 500, "\(outcome)")
    }

    @Test("A node that has the time refuses nobody, and a burst is no storm", arguments: [20.0, 300])
    func calm(capacity: Double) {
        let steady = JoinStorm(capacity: capacity, arrivals: { _ in capacity * 0.8 }).run(seed: 1)
        let burst = JoinStorm(capacity: capacity, arrivals: { capacity * ($0 == 3 ? 1.5 : 0.1) }).run(seed: 1)
        #expect(steady.refused == 0 && steady.failed == 0 && burst.refused == 0 && burst.failed == 0)
    }

    @Test("After a storm everybody is admitted again")
    func recovery() {
        let outcome = JoinStorm(capacity: 20, arrivals: { $0 < 6 ? 200 : 15 }).run(seed: 1)
        #expect(outcome.bySecond[12..<19].reduce(0, +) >= 15 * 6, "\(outcome)")
    }

    @Test("Slow clients on a node with time to spare are no reason to refuse anybody")
    func slowClients() throws {
        var admission = JoinAdmission(now: .start)
        var now = MediaInstant.start
        for index in 0..<1000 {
            now = now + .milliseconds(5)
            if index.isMultiple(of: 20) { admission.beat(now: now) }
            _ = try admission.begin(now: now)
        }
        #expect(admission.underWay == 1000)
        now = now + JoinAdmission.patience
        admission.beat(now: now)
        #expect(admission.refused(now) == nil && admission.underWay == 0)
    }

    @Test("A heartbeat that does not come back is lateness, before it does")
    func stuck() throws {
        var admission = JoinAdmission(now: .start)
        #expect(admission.lateness(now: .start + .milliseconds(100)) == .zero)
        let now = MediaInstant.start + .milliseconds(900)
        #expect(admission.lateness(now: now) == .milliseconds(800))
        for _ in 0..<JoinAdmission.alwaysAllowed { _ = try admission.begin(now: now) }
        guard let refusal = admission.refusal(now: now) else { return #expect(Bool(false), "nobody is refused") }
        guard case .overloaded(let seconds) = refusal else { return #expect(Bool(false), "\(refusal)") }
        #expect((1...10).contains(seconds) && HTTPFailure(refusal).retryAfter == seconds)
        #expect(throws: refusal) { try admission.beginning(now) }
    }

    @Test("Those who resume are not refused, and make those who join wait")
    func resumes() throws {
        var admission = JoinAdmission(now: .start)
        for _ in 0..<JoinAdmission.alwaysAllowed { _ = try admission.begin(now: .start) }
        let now = MediaInstant.start + .milliseconds(700)
        #expect(admission.refused(now) == nil)
        for _ in 0..<100 { admission.resumed(now: now) }
        #expect(admission.refused(now) != nil)
        admission.beat(now: now + .milliseconds(600))
        #expect(admission.refused(now + .milliseconds(600)) != nil)
    }

    @Test("A place is free again whatever becomes of a join")
    func endings() throws {
        var admission = JoinAdmission(now: .start)
        let (alice, bob) = (ParticipantSID(rawValue: "PA_a"), ParticipantSID(rawValue: "PA_b"))
        admission.bind(try admission.begin(now: .start), to: alice)
        admission.bind(try admission.begin(now: .start), to: bob)
        admission.giveUp(try admission.begin(now: .start))
        #expect(admission.underWay == 2)
        admission.becameActive(alice, now: .start)
        admission.left(alice)
        admission.left(bob)
        #expect(admission.underWay == 0)
        for _ in 0..<JoinAdmission.maximumUnderWay { _ = try admission.begin(now: .start) }
        #expect(throws: JoinShedding.self) { try admission.beginning(.start) }
        #expect(admission.underWay == JoinAdmission.maximumUnderWay)
    }

    @Test("What the node carries has limits too, where they are configured")
    func nodeLimits() {
        var admission = JoinAdmission(.init(tracks: 10, bytesPerSecond: 1000), now: .start)
        admission.carries(tracks: 9)
        #expect(admission.refused(.start) == nil)
        admission.carries(tracks: 10)
        #expect(admission.refused(.start) == .tracks)
        admission.carries(tracks: 0)
        var now = MediaInstant.start
        for _ in 0..<10 {
            now = now + .milliseconds(400)
            admission.carried(bytes: 500, now: now)
        }
        #expect(admission.refused(now) == .traffic)
        #expect(admission.refused(now + .seconds(5)) == nil)
        var unlimited = JoinAdmission(now: .start)
        unlimited.carries(tracks: .max)
        #expect(unlimited.refused(.start) == nil)
    }
}

extension JoinAdmission {
    /// Why a join would be refused, without changing anything.
    fileprivate func refused(_ now: MediaInstant) -> JoinShedding? {
        var copy = self
        return copy.refusal(now: now)
    }

    /// Begins a join that is forgotten again.
    fileprivate func beginning(_ now: MediaInstant) throws {
        var copy = self
        _ = try copy.begin(now: now)
    }
}
