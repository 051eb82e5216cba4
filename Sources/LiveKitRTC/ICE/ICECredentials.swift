/// One agent's user name fragment and password for one ICE generation (RFC 8445 §5.3).
package struct ICECredentials: Hashable, Sendable {
    package let ufrag: String
    package let password: String

    /// Bytes that ``init(entropy:)`` wants: one for each character.
    package static let entropySize = 36
    private static let ufragLength = 12
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")

    package init(ufrag: String, password: String) {
        self.ufrag = ufrag
        self.password = password
    }

    /// Fresh credentials from the caller's cryptographic source: a ufrag of 72 bits, short enough for
    /// Swift to keep inline, and a password of 144 (RFC 8839 §5.4 asks for 24 and 128).
    ///
    /// - Precondition: at least ``entropySize`` bytes.
    package init(entropy: [UInt8]) {
        precondition(entropy.count >= Self.entropySize, "too little entropy for ICE credentials")
        let characters = entropy.prefix(Self.entropySize).map { Self.alphabet[Int($0 & 63)] }
        ufrag = String(characters.prefix(Self.ufragLength))
        password = String(characters.dropFirst(Self.ufragLength))
    }

    /// Whether both parts have the lengths and characters that RFC 8839 §5.4 demands of a peer.
    package var isWellFormed: Bool {
        let isICECharacter = { (byte: UInt8) in
            switch byte {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "/"):
                true
            // Old stacks use base64url; libwebrtc tolerates them, so must we.
            case UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "="): true
            default: false
            }
        }
        return (4...256).contains(ufrag.utf8.count) && (22...256).contains(password.utf8.count)
            && ufrag.utf8.allSatisfy(isICECharacter) && password.utf8.allSatisfy(isICECharacter)
    }
}
