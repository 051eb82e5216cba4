/// The extension chunk types that the sender understands.
///
/// - SeeAlso: [RFC 5061 §4.2.7](https://www.rfc-editor.org/rfc/rfc5061#section-4.2.7).
package struct SupportedExtensionsParameter: Hashable, Sendable {
    static let type: UInt16 = 0x8008

    package var chunkTypes: [UInt8]

    package init(chunkTypes: [UInt8]) {
        self.chunkTypes = chunkTypes
    }
}
