import LiveKitCore
import Testing

@testable import LiveKitRTCTransport

@Suite("A media loop that stops")
struct StoppedLoopTests {
    @Test("Whoever asks it something afterwards is told that there is no answer", .timeLimit(.minutes(1)))
    func answersNobody() async {
        let loop = MediaLoop(label: "test")
        #expect(await loop.perform { _ in 7 } == 7)
        loop.stop()
        // The loop takes a moment to end; until then commands may still be taken and dropped.
        for _ in 0..<100 { if await loop.perform({ _ in 7 }) == nil { break } }
        #expect(await loop.perform { _ in 7 } == nil)
        await loop.drain()
        loop.stop()
        await loop.drain()
    }

    @Test("Stopping twice from many tasks hangs nobody", .timeLimit(.minutes(1)))
    func survivesCrowds() async {
        for _ in 0..<20 {
            let loop = MediaLoop(label: "test")
            await withTaskGroup(of: Void.self) { group in
                for number in 0..<50 {
                    group.addTask {
                        if number == 25 { loop.stop() }
                        _ = await loop.perform { _ in number }
                        await loop.drain()
                    }
                }
            }
        }
    }
}
