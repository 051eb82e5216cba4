/// A colour in BT.601, limited range.
struct PixelColor: Hashable, Sendable {
    let y: UInt8
    let u: UInt8
    let v: UInt8

    static let black = PixelColor(y: 16, u: 128, v: 128)
    static let white = PixelColor(y: 235, u: 128, v: 128)

    init(y: UInt8, u: UInt8, v: UInt8) {
        self.y = y
        self.u = u
        self.v = v
    }

    /// Converts from red, green and blue in 0...255 (ITU-R BT.601 §2.5).
    init(red: Int, green: Int, blue: Int) {
        y = UInt8(clamping: (66 * red + 129 * green + 25 * blue + 128) >> 8 + 16)
        u = UInt8(clamping: (-38 * red - 74 * green + 112 * blue + 128) >> 8 + 128)
        v = UInt8(clamping: (112 * red - 94 * green - 18 * blue + 128) >> 8 + 128)
    }
}

/// A pixel rectangle, of which drawing keeps the part that lies in the frame.
struct PixelRectangle: Hashable, Sendable {
    var x: Int
    var y: Int
    var width: Int
    var height: Int
}

/// Drawing: filled rectangles and dotted text, row by row in whole runs.
extension I420Frame {
    /// Fills a rectangle; chroma follows in the pixels that it covers at least half of.
    mutating func fill(_ rectangle: PixelRectangle, with color: PixelColor) {
        fillLuma(rectangle, with: color.y)
        let left = max(0, (rectangle.x + 1) / 2)
        let right = min(chromaWidth, (rectangle.x + rectangle.width + 1) / 2)
        let top = max(0, (rectangle.y + 1) / 2)
        let bottom = min(chromaHeight, (rectangle.y + rectangle.height + 1) / 2)
        guard left < right, top < bottom else { return }
        fillRows(.u, rows: top..<bottom, columns: left..<right, with: color.u)
        fillRows(.v, rows: top..<bottom, columns: left..<right, with: color.v)
    }

    /// Fills a rectangle's brightness and leaves its tint.
    mutating func fillLuma(_ rectangle: PixelRectangle, with value: UInt8) {
        let left = max(0, rectangle.x)
        let right = min(width, rectangle.x + rectangle.width)
        let top = max(0, rectangle.y)
        let bottom = min(height, rectangle.y + rectangle.height)
        guard left < right, top < bottom else { return }
        fillRows(.y, rows: top..<bottom, columns: left..<right, with: value)
    }

    /// Writes a line of text with dots of `dot` by `dot` pixels.
    mutating func write(_ text: String, x: Int, y: Int, dot: Int, luma: UInt8) {
        var left = x
        for character in text {
            for (row, bits) in BitmapFont.rows(of: character).enumerated() where bits != 0 {
                var column = 0
                while column < BitmapFont.width {
                    var run = 0
                    while column + run < BitmapFont.width, bits & (0x10 >> UInt8(column + run)) != 0 { run += 1 }
                    if run > 0 {
                        fillLuma(
                            PixelRectangle(x: left + column * dot, y: y + row * dot, width: run * dot, height: dot),
                            with: luma)
                    }
                    column += run + 1
                }
            }
            left += BitmapFont.advance * dot
        }
    }

    /// Fills whole columns of whole rows, all of which lie in the plane.
    private mutating func fillRows(_ plane: Plane, rows: Range<Int>, columns: Range<Int>, with value: UInt8) {
        let stride = stride(of: plane)
        let start = range(of: plane).lowerBound + columns.lowerBound
        unsafe withUnsafeMutablePixels { pixels in
            guard let base = pixels.baseAddress else { return }
            for row in rows {
                unsafe (base + start + row * stride).update(repeating: value, count: columns.count)
            }
        }
    }
}
