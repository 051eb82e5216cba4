/// An API key and the secret that signs its tokens.
public struct APIKeyPair: Hashable, Sendable {
    /// The key, which stands in each token as its issuer.
    public let key: String
    /// The secret. Who has it may do everything.
    public let secret: String

    private static let alphabet = Array("ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789")
    private static let keyLetters = 12
    /// 43 letters of 57 hold more than the 256 bits of the signature's hash.
    private static let secretLetters = 44

    /// A new pair, from the system's secure randomness.
    public static func random() -> APIKeyPair {
        APIKeyPair(key: "API" + letters(keyLetters), secret: letters(secretLetters))
    }

    private static func letters(_ count: Int) -> String {
        String((0..<count).compactMap { _ in alphabet.randomElement() })
    }
}
