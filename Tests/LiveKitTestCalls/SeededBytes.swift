internal import LiveKitCore

/// Repeatable bytes where a connection wants secret ones. Each call gets others.
final class SeededBytes {
    private var random: DeterministicRandom

    init(seed: UInt64) {
        random = DeterministicRandom(seed: seed)
    }

    func next(_ count: Int) -> [UInt8] {
        (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &random) }
    }
}
