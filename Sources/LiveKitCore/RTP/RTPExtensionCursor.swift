/// Walks the elements of a header extension in place.
///
/// A broken element ends the walk and costs the packet nothing: what stood before it counts, as RFC 8285 asks
/// for identifiers that are reserved.
///
/// - SeeAlso: [RFC 8285 §4.2, §4.3](https://www.rfc-editor.org/rfc/rfc8285#section-4.2).
struct RTPExtensionCursor {
    struct Element {
        var id: UInt8
        var offset: Int
        var size: Int
    }

    static let oneByteProfile: UInt16 = 0xBEDE
    /// The low four bits are application bits.
    static let twoByteProfile: UInt16 = 0x1000

    private let isOneByte: Bool
    private var offset: Int
    private let end: Int

    init(profile: UInt16, offset: Int, size: Int) {
        isOneByte = profile == Self.oneByteProfile
        self.offset = offset
        let isKnown = isOneByte || profile & 0xFFF0 == Self.twoByteProfile
        end = isKnown ? offset + size : offset
    }

    /// The next element that is not padding.
    mutating func next(in bytes: RawSpan) -> Element? {
        while offset < end, let first = bytes.octet(at: offset) {
            guard first != 0 else {
                offset += 1
                continue
            }
            return isOneByte ? oneByteElement(first) : twoByteElement(id: first, in: bytes)
        }
        return nil
    }

    /// Identifier 15, and identifier 0 with a length, end the extension (RFC 8285 §4.2).
    private mutating func oneByteElement(_ first: UInt8) -> Element? {
        let id = first >> 4
        guard id != 0, id != 15 else { return finish() }
        return element(id: id, offset: offset + 1, size: Int(first & 0x0F) + 1)
    }

    private mutating func twoByteElement(id: UInt8, in bytes: RawSpan) -> Element? {
        guard offset + 1 < end, let size = bytes.octet(at: offset + 1) else { return finish() }
        return element(id: id, offset: offset + 2, size: Int(size))
    }

    private mutating func element(id: UInt8, offset start: Int, size: Int) -> Element? {
        guard start + size <= end else { return finish() }
        offset = start + size
        return Element(id: id, offset: start, size: size)
    }

    private mutating func finish() -> Element? {
        offset = end
        return nil
    }
}
