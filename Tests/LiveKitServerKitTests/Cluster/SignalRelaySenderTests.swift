import LiveKitCore
import LiveKitPSRPC
import Synchronization
import Testing

@testable import LiveKitServerKit

@Suite("Signal messages to another node, when they do not arrive", .timeLimit(.minutes(1)))
struct SignalRelaySenderTests {
    private let clock = ManualClock()

    /// A sender that has one message to send.
    private func sender() async -> SignalRelaySender<Int> {
        let sender = SignalRelaySender<Int>(clock: clock.clock)
        #expect(await sender.send(1))
        return sender
    }

    @Test(
        "A stream that is over is left at once, whatever ended it",
        arguments: [RPCError.requestTimedOut, RPCError(.internal, "broken"), .streamClosed])
    func leaves(_ cause: RPCError) async {
        let tries = Atomic(0)
        // The clock stands: who tries again tries for ever.
        let failure = await sender().run(until: { cause }) { _ throws(RPCError) in
            guard tries.wrappingAdd(1, ordering: .relaxed).newValue < 100 else {
                throw RPCError(.unknown, "still here")
            }
            throw cause
        }
        #expect(failure == cause)
        #expect(tries.load(ordering: .relaxed) == 1)
    }

    @Test("A message that is not acknowledged is sent again, until the other node is given up")
    func repeats() async {
        let tries = Atomic(0)
        let failure = await sender().run(until: { nil }) { batch throws(RPCError) in
            #expect(batch.messages == [1])
            tries.wrappingAdd(1, ordering: .relaxed)
            clock.advance(milliseconds: batch.timeout.milliseconds)
            throw .requestTimedOut
        }
        #expect(failure == .signalWriteFailed)
        #expect(tries.load(ordering: .relaxed) == 4)
    }

    @Test("What is sent after a loss arrives, and the end is told")
    func goesOn() async {
        let sender = await sender()
        let isLost = Atomic(true)
        await sender.close()
        let failure = await sender.run(until: { nil }) { batch throws(RPCError) in
            #expect(batch.messages == [1] && batch.isLast)
            if isLost.exchange(false, ordering: .relaxed) { throw .requestTimedOut }
        }
        #expect(failure == nil && !isLost.load(ordering: .relaxed))
    }
}
