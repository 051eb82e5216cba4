// Fields are cut on bytes, not on characters: a combining mark behind a separator would hide it.

extension Substring {
    /// The parts between runs of spaces.
    func fields() -> [Substring] {
        utf8.split(separator: UInt8(ascii: " ")).map { Substring($0) }
    }

    /// The parts between single separators, empty ones left out.
    func parts(separator: Unicode.Scalar) -> [Substring] {
        utf8.split(separator: UInt8(ascii: separator)).map { Substring($0) }
    }

    /// What stands before the first separator and what stands behind it; `nil` where there is none.
    func cut(at separator: Unicode.Scalar) -> (head: Substring, tail: Substring?) {
        guard let index = utf8.firstIndex(of: UInt8(ascii: separator)) else { return (self, nil) }
        return (self[..<index], self[utf8.index(after: index)...])
    }

    /// Without the spaces around it.
    func trimmed() -> Substring {
        var bytes = utf8
        while bytes.first == UInt8(ascii: " ") { bytes.removeFirst() }
        while bytes.last == UInt8(ascii: " ") { bytes.removeLast() }
        return Substring(bytes)
    }
}

extension UInt8 {
    /// A control character of ASCII, which no line of ours contains (RFC 8866 allows some; nobody sends them).
    var isControl: Bool { self < 0x20 || self == 0x7F }
}
