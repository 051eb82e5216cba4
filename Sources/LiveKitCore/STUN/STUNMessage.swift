/// A STUN message (RFC 8489): header, attributes, and the proof of who wrote it.
///
/// The value owns the meaning of a message, not the exchange: transactions, retransmission and roles belong
/// to `ICEAgent`. A parsed message remembers the bytes that its MESSAGE-INTEGRITY covers, so that
/// ``isAuthentic(key:)`` can be asked once the key is known; until then nothing in it may be believed.
public struct STUNMessage: Sendable {
    /// What part of an exchange a message is.
    public enum Class: UInt16, Sendable {
        /// A request, which wants a response.
        case request = 0
        /// An indication, which wants none.
        case indication = 1
        /// A response to a request that was granted.
        case success = 2
        /// A response to a request that was refused; see ``STUNMessage/errorCode``.
        case error = 3
    }

    /// What a request asks for. A struct, because TURN and others add methods.
    public struct Method: RawRepresentable, Hashable, Sendable {
        /// The twelve bits of the method.
        public let rawValue: UInt16

        /// A method from its twelve bits.
        public init(rawValue: UInt16) {
            self.rawValue = rawValue & 0xFFF
        }

        /// Binding: tell me my address, and that you are there.
        public static let binding = Self(rawValue: 0x001)
    }

    /// What MESSAGE-INTEGRITY covers, and its value.
    struct Integrity: Sendable {
        var prefix: [UInt8]
        var tag: [UInt8]
    }

    /// Distinguishes STUN from its predecessor and its neighbours on the port.
    public static let magicCookie: UInt32 = 0x2112_A442
    /// Bytes before the first attribute.
    public static let headerSize = 20
    static let fingerprintMask: UInt32 = 0x5354_554E

    /// Request, indication, success or error response.
    public var messageClass: Class
    /// What is asked for or answered.
    public var method: Method
    /// Pairs a response with its request.
    public var transactionID: STUNTransactionID
    /// The attributes in their order, without the integrity attributes and FINGERPRINT, and without
    /// whatever an attacker appended after the integrity.
    public var attributes: [STUNAttribute]
    /// Whether the message came with a (right) FINGERPRINT; a wrong one does not parse.
    public internal(set) var hasFingerprint = false
    /// The value of MESSAGE-INTEGRITY-SHA256, if the message came with one. It is not verified: no ICE
    /// implementation sends it.
    public internal(set) var integritySHA256: [UInt8]?
    var integrity: Integrity?

    /// A message to send.
    public init(
        class messageClass: Class, method: Method, transactionID: STUNTransactionID, attributes: [STUNAttribute] = []
    ) {
        self.messageClass = messageClass
        self.method = method
        self.transactionID = transactionID
        self.attributes = attributes
    }

    /// Whether the message came with a MESSAGE-INTEGRITY that the owner of `key` made over exactly what was
    /// parsed. Takes the same time whatever the difference.
    public func isAuthentic(key: STUNKey) -> Bool {
        guard let integrity else { return false }
        return key.isIntegrity(integrity.tag, ofPrefix: integrity.prefix)
    }
}

extension STUNMessage {
    /// The first USERNAME.
    public var username: String? {
        for case .username(let name) in attributes { return name }
        return nil
    }

    /// The first XOR-MAPPED-ADDRESS, or else MAPPED-ADDRESS.
    public var mappedAddress: TransportAddress? {
        for case .xorMappedAddress(let address) in attributes { return address }
        for case .mappedAddress(let address) in attributes { return address }
        return nil
    }

    /// The first ERROR-CODE.
    public var errorCode: STUNErrorCode? {
        for case .errorCode(let error) in attributes { return error }
        return nil
    }

    /// The first PRIORITY.
    public var priority: UInt32? {
        for case .priority(let priority) in attributes { return priority }
        return nil
    }

    /// Whether USE-CANDIDATE is present.
    public var nominates: Bool { attributes.contains(.useCandidate) }

    /// The types that a receiver must understand to answer and this codec does not know
    /// (RFC 8489 §14: the lower half of the numbers).
    public var unknownRequiredTypes: [UInt16] {
        attributes.compactMap { attribute in
            guard case .other(let type, _) = attribute, type < 0x8000 else { return nil }
            return type
        }
    }
}
