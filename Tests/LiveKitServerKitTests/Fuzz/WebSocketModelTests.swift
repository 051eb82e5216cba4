import LiveKitCore
import Testing

@Suite("WebSocket frames of any content")
struct WebSocketModelTests {
    @Test("The fuzzer's model runs over random frames", arguments: 0..<16 as Range<UInt64>)
    func runs(seed: UInt64) {
        var random = DeterministicRandom(seed: seed)
        for _ in 0..<200 {
            let size = Int.random(in: 0...400, using: &random)
            WebSocketModel.run((0..<size).map { _ in UInt8.random(in: .min ... .max, using: &random) })
        }
    }
}
