/// Reads commands and their arguments from a fuzzer's input. What is missing reads as zero.
struct CommandReader {
    private let bytes: [UInt8]
    private var offset = 0

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    var isAtEnd: Bool { offset >= bytes.count }

    mutating func byte() -> UInt8 {
        guard offset < bytes.count else { return 0 }
        defer { offset += 1 }
        return bytes[offset]
    }

    mutating func flag() -> Bool { byte() & 1 != 0 }

    mutating func number(below bound: Int) -> Int { Int(byte()) % bound }

    mutating func uint16() -> UInt16 { UInt16(byte()) << 8 | UInt16(byte()) }

    mutating func uint32() -> UInt32 { UInt32(uint16()) << 16 | UInt32(uint16()) }

    /// A length, then that many bytes.
    mutating func block() -> [UInt8] {
        let size = min(Int(byte()), bytes.count - offset)
        defer { offset += size }
        return Array(bytes[offset..<offset + size])
    }

    /// `original` with a few changes: bits flipped, cut, repeated.
    mutating func mutation(of original: [UInt8]) -> [UInt8] {
        var changed = original
        for _ in 0..<number(below: 4) where !changed.isEmpty {
            let position = Int(uint16()) % changed.count
            switch number(below: 4) {
            case 0: changed[position] ^= 1 << (byte() & 7)
            case 1: changed[position] = byte()
            case 2: changed.removeSubrange(position...)
            default: changed.insert(contentsOf: block(), at: position)
            }
        }
        return changed
    }
}
