/// The answer to any re-configuration request.
///
/// ```
/// |          type = 16            |            length             |
/// |                  response sequence number                     |
/// |                           result                              |
/// |               sender's next TSN (TSN reset only)              |
/// |              receiver's next TSN (TSN reset only)             |
/// ```
///
/// - SeeAlso: [RFC 6525 §4.4](https://www.rfc-editor.org/rfc/rfc6525#section-4.4).
package struct ReconfigurationResponseParameter: Hashable, Sendable {
    static let type: UInt16 = 16

    /// What became of the request.
    package struct Result: RawRepresentable, Hashable, Sendable {
        package var rawValue: UInt32

        package init(rawValue: UInt32) {
            self.rawValue = rawValue
        }

        package static let nothingToDo = Self(rawValue: 0)
        package static let performed = Self(rawValue: 1)
        package static let denied = Self(rawValue: 2)
        package static let wrongStream = Self(rawValue: 3)
        package static let alreadyInProgress = Self(rawValue: 4)
        package static let badSequenceNumber = Self(rawValue: 5)
        package static let inProgress = Self(rawValue: 6)
    }

    package var responseSequence: UInt32
    package var result: Result

    package init(responseSequence: UInt32, result: Result) {
        self.responseSequence = responseSequence
        self.result = result
    }

    init(parsing reader: inout ByteReader) throws(WireError) {
        responseSequence = try reader.read()
        result = Result(rawValue: try reader.read())
    }

    func write(to writer: inout ByteWriter) {
        writer.write(responseSequence)
        writer.write(result.rawValue)
    }
}
