import LiveKitPSRPC
import Testing

@Suite("The bus within a process")
struct LocalMessageBusTests {
    private func next(_ subscription: BusSubscription) async -> [UInt8]? {
        var iterator = subscription.messages.makeAsyncIterator()
        return await iterator.next()
    }

    @Test("Everyone hears a message; of a queue one, in turns")
    func shares() async throws {
        let bus = LocalMessageBus()
        let all = try await bus.subscribe(to: "c", sharing: .everyone, capacity: 9)
        let first = try await bus.subscribe(to: "c", sharing: .queue, capacity: 9)
        let second = try await bus.subscribe(to: "c", sharing: .queue, capacity: 9)
        for number in 1...4 as ClosedRange<UInt8> { try await bus.publish([number], on: "c") }
        bus.close()
        #expect(await all.messages.reduce(into: []) { $0 += $1 } == [1, 2, 3, 4])
        let queued = await [
            first.messages.reduce(into: []) { $0 += $1 }, second.messages.reduce(into: []) { $0 += $1 },
        ]
        #expect(queued.map(\.count) == [2, 2])
        #expect(Set(queued.joined()) == [1, 2, 3, 4])
    }

    @Test("A full reader loses the newest, which is counted; a cancelled one hears nothing")
    func bounds() async throws {
        let bus = LocalMessageBus()
        let reader = try await bus.subscribe(to: "c", sharing: .everyone, capacity: 1)
        try await bus.publish([1], on: "c")
        try await bus.publish([2], on: "c")
        #expect(bus.droppedMessages == 1)
        #expect(await next(reader) == [1])
        reader.cancel()
        #expect(bus.channels.isEmpty)
        #expect(await next(reader) == nil)
    }

    @Test("A closed bus says so")
    func closes() async throws {
        let bus = LocalMessageBus()
        bus.close()
        await #expect(throws: MessageBusError.closed) { try await bus.publish([], on: "c") }
        await #expect(throws: MessageBusError.closed) {
            try await bus.subscribe(to: "c", sharing: .everyone, capacity: 1)
        }
    }
}
