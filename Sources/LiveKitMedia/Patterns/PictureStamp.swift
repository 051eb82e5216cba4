/// What a ``TestPicture`` says about itself: which picture it is, and when it was drawn.
///
/// Written as 96 black and white cells over the lowest three of eighteen rows, each a 32nd of the
/// picture wide (20 by 20 pixels at 640 by 360). White is 1, the most significant bit stands first:
///
/// ```
/// row 15 |              counter, 32 bits               |
/// row 16 |      milliseconds, upper 32 of 48 bits      |
/// row 17 | milliseconds, lower 16 |   CRC, 16 bits     |
/// ```
///
/// The CRC is CRC-16/CCITT (polynomial 0x1021, initially 0xFFFF) over the ten bytes before it. The cells
/// are read at any size of the picture down to 96 pixels of width.
public struct PictureStamp: Hashable, Sendable {
    /// The picture's number.
    public var counter: UInt32
    /// When it was drawn, in milliseconds since a start that sender and receiver agree on; 48 bits.
    public var timestampMilliseconds: UInt64

    /// Creates a stamp; the upper 16 bits of the time are dropped.
    public init(counter: UInt32, timestampMilliseconds: UInt64) {
        self.counter = counter
        self.timestampMilliseconds = timestampMilliseconds & 0xFFFF_FFFF_FFFF
    }

    static let columns = 32
    static let rows = 18
    static let firstRow = 15
    /// Below three pixels to a cell, compression blurs one into the next.
    private static let smallestWidth = 96

    /// The cells' colours, row by row: bit 31 of each word is the leftmost cell.
    var words: [UInt32] {
        let low = UInt32(truncatingIfNeeded: timestampMilliseconds)
        let high = UInt32(truncatingIfNeeded: timestampMilliseconds >> 32) & 0xFFFF
        let upper = high << 16 | low >> 16
        let checksum = Self.checksum(counter, upper, UInt16(truncatingIfNeeded: low))
        return [counter, upper, low << 16 | UInt32(checksum)]
    }

    /// Reads the cells back from pixels; `nil` if their CRC is wrong.
    init?(reading frame: I420Frame) {
        guard frame.width >= Self.smallestWidth, frame.height >= Self.rows * 3 else { return nil }
        let plane = frame.y
        var words: [UInt32] = []
        for row in Self.firstRow..<Self.rows {
            let lines = Self.core(row, of: Self.rows, size: frame.height)
            var word: UInt32 = 0
            for column in 0..<Self.columns {
                let pixels = Self.core(column, of: Self.columns, size: frame.width)
                var sum = 0
                for line in lines {
                    for pixel in pixels { sum += Int(plane[line * frame.width + pixel]) }
                }
                let isWhite = sum > 126 * lines.count * pixels.count
                word = word << 1 | (isWhite ? 1 : 0)
            }
            words.append(word)
        }
        let low = UInt16(truncatingIfNeeded: words[2] >> 16)
        let checksum = UInt16(truncatingIfNeeded: words[2])
        guard Self.checksum(words[0], words[1], low) == checksum else { return nil }
        self.init(counter: words[0], timestampMilliseconds: UInt64(words[1]) << 16 | UInt64(low))
    }

    /// The middle half of a cell, which ringing at its edges does not reach.
    private static func core(_ index: Int, of count: Int, size: Int) -> Range<Int> {
        let start = (4 * index + 1) * size / (4 * count)
        let end = (4 * index + 3) * size / (4 * count)
        return start..<max(end, start + 1)
    }

    private static func checksum(_ counter: UInt32, _ upper: UInt32, _ low: UInt16) -> UInt16 {
        var checksum: UInt16 = 0xFFFF
        for word in [counter, upper] {
            for shift in [24, 16, 8, 0] as [UInt32] {
                checksum = absorb(UInt8(truncatingIfNeeded: word >> shift), into: checksum)
            }
        }
        checksum = absorb(UInt8(truncatingIfNeeded: low >> 8), into: checksum)
        checksum = absorb(UInt8(truncatingIfNeeded: low), into: checksum)
        return checksum
    }

    private static func absorb(_ byte: UInt8, into checksum: UInt16) -> UInt16 {
        var checksum = checksum ^ UInt16(byte) << 8
        for _ in 0..<8 { checksum = checksum & 0x8000 != 0 ? checksum << 1 ^ 0x1021 : checksum << 1 }
        return checksum
    }
}
