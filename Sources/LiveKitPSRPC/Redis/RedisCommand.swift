/// A command with its arguments, as bytes.
package struct RedisCommand: Equatable, Sendable {
    package let arguments: [[UInt8]]

    package init(_ name: String, _ arguments: [[UInt8]]) {
        self.arguments = [Array(name.utf8)] + arguments
    }

    package init(_ name: String, _ arguments: String...) {
        self.init(name, arguments.map { Array($0.utf8) })
    }

    var name: String { arguments.first.map { String(decoding: $0, as: UTF8.self) } ?? "" }

    /// About what it takes on the wire.
    package var byteCount: Int { arguments.reduce(0) { $0 + $1.count + 16 } }
}
