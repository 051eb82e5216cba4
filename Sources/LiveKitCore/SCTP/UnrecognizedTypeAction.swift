/// What to do with a chunk or parameter of unknown type: its two highest bits say.
///
/// - SeeAlso: [RFC 9260 §3.2](https://www.rfc-editor.org/rfc/rfc9260#section-3.2),
///   [§3.2.1](https://www.rfc-editor.org/rfc/rfc9260#section-3.2.1).
package enum UnrecognizedTypeAction: Hashable, Sendable {
    case stop
    case stopAndReport
    case skip
    case skipAndReport

    /// Reads the two highest bits of `highByte`.
    init(highByte: UInt8) {
        switch highByte >> 6 {
        case 0: self = .stop
        case 1: self = .stopAndReport
        case 2: self = .skip
        default: self = .skipAndReport
        }
    }

    /// Whether what follows in the packet (or chunk) is still processed.
    package var continues: Bool { self == .skip || self == .skipAndReport }
    /// Whether the sender is told.
    package var reports: Bool { self == .stopAndReport || self == .skipAndReport }
}
