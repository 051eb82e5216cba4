/// Names that nobody else has, as psrpc makes them: a prefix and twelve letters or digits.
package enum RPCIdentifier {
    private static let alphabet = Array("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789".utf8)

    package static func client() -> String { make("CLI_") }
    package static func server() -> String { make("SRV_") }
    static func request() -> String { make("REQ_") }
    static func stream() -> String { make("STR_") }

    private static func make(_ prefix: String) -> String {
        let letters = (0..<12).map { _ in alphabet[Int.random(in: alphabet.indices)] }
        return prefix + String(decoding: letters, as: UTF8.self)
    }
}
