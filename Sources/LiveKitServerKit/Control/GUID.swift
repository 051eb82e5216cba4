/// Names that nobody else has, as LiveKit makes them: a prefix and twelve letters or digits that are not mixed up.
enum GUID {
    private static let alphabet = Array("ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789")
    private static let length = 12

    static func make(_ prefix: String) -> String { make(prefix) { Int.random(in: $0) } }

    static func make(_ prefix: String, using random: inout some RandomNumberGenerator) -> String {
        make(prefix) { Int.random(in: $0, using: &random) }
    }

    private static func make(_ prefix: String, _ draw: (Range<Int>) -> Int) -> String {
        prefix + String((0..<length).map { _ in alphabet[draw(alphabet.indices)] })
    }
}
