/// A reason in an ABORT or ERROR chunk.
///
/// - SeeAlso: [RFC 9260 §3.3.10](https://www.rfc-editor.org/rfc/rfc9260#section-3.3.10).
package struct SCTPErrorCause: Hashable, Sendable {
    /// The cause code.
    package struct Code: RawRepresentable, Hashable, Sendable {
        package var rawValue: UInt16

        package init(rawValue: UInt16) {
            self.rawValue = rawValue
        }

        package static let invalidStream = Self(rawValue: 1)
        package static let missingParameter = Self(rawValue: 2)
        package static let staleCookie = Self(rawValue: 3)
        package static let outOfResource = Self(rawValue: 4)
        package static let unrecognizedChunk = Self(rawValue: 6)
        package static let invalidParameter = Self(rawValue: 7)
        package static let unrecognizedParameters = Self(rawValue: 8)
        package static let noUserData = Self(rawValue: 9)
        package static let cookieDuringShutdown = Self(rawValue: 10)
        package static let restartWithNewAddresses = Self(rawValue: 11)
        package static let userInitiatedAbort = Self(rawValue: 12)
        package static let protocolViolation = Self(rawValue: 13)
    }

    package var code: Code
    package var information: [UInt8]

    package init(_ code: Code, information: [UInt8] = []) {
        self.code = code
        self.information = information
    }

    static func list(parsing reader: inout ByteReader) throws(WireError) -> [SCTPErrorCause] {
        var causes: [SCTPErrorCause] = []
        while reader.remaining >= SCTPParameter.headerSize {
            let code = Code(rawValue: try reader.read())
            let information = try SCTPParameter.readValue(from: &reader)
            causes.append(SCTPErrorCause(code, information: information))
        }
        return causes
    }

    func write(to writer: inout ByteWriter) {
        SCTPParameter.write(type: code.rawValue, to: &writer) { $0.write(bytes: information) }
    }
}
