/// A parameter of a type that this implementation does not know.
package struct UnknownParameter: Hashable, Sendable {
    package var type: UInt16
    package var value: [UInt8]

    package init(type: UInt16, value: [UInt8]) {
        self.type = type
        self.value = value
    }

    package var action: UnrecognizedTypeAction {
        UnrecognizedTypeAction(highByte: UInt8(truncatingIfNeeded: type >> 8))
    }

    /// Type, length and value, as ``UnrecognizedParameter`` gives them back.
    package func encoded() -> [UInt8] {
        var writer = ByteWriter()
        SCTPParameter.write(type: type, to: &writer) { $0.write(bytes: value) }
        return writer.bytes
    }
}
