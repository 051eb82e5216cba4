/// A chunk of a type that this implementation does not know.
package struct UnknownChunk: Hashable, Sendable {
    package var type: UInt8
    package var flags: UInt8
    package var value: [UInt8]

    package init(type: UInt8, flags: UInt8, value: [UInt8]) {
        self.type = type
        self.flags = flags
        self.value = value
    }

    package var action: UnrecognizedTypeAction { UnrecognizedTypeAction(highByte: type) }

    func write(to writer: inout ByteWriter) {
        SCTPChunk.write(type: type, flags: flags, to: &writer) { $0.write(bytes: value) }
    }
}
