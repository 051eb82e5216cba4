/// A picture that shows at a glance, and to a program, whether video arrives: moving colour bars, a
/// clock, a frame counter, and the same two numbers as a ``PictureStamp`` that survives compression.
///
/// Everything that does not move is drawn once, so a picture costs a copy and a few filled rectangles.
///
/// ```swift
/// let picture = TestPicture(width: 640, height: 360, title: "lobby")
/// var frame = I420Frame(width: 640, height: 360)
/// picture.render(counter: 1, timestampMilliseconds: now, into: &frame)
/// ```
public struct TestPicture: Sendable {
    /// The picture's width in pixels.
    public let width: Int
    /// The picture's height in pixels.
    public let height: Int

    private let background: I420Frame
    /// Two turns of one row of the bars for each plane, to copy from at any offset.
    private let bars: [[UInt8]]
    /// The dots of the clock and of the smaller lines, in pixels.
    private let largeDot: Int
    private let smallDot: Int

    /// Prepares pictures of one size.
    ///
    /// - Precondition: both sides are in `1...I420Frame.maximumDimension`.
    public init(width: Int, height: Int, title: String = "SWIFT-LIVEKIT") {
        self.width = width
        self.height = height
        largeDot = max(1, min(height / 60, width / 100))
        smallDot = max(1, min(height / 150, width / 260))
        bars = Self.barRows(width: width)
        background = Self.background(
            width: width, height: height, title: title, dot: max(1, min(height / 110, width / 190)))
    }

    /// Draws one picture into a frame that is already there; its timestamp stays as it is.
    ///
    /// - Precondition: the frame has the size that the picture was prepared for.
    public func render(counter: UInt32, timestampMilliseconds: UInt64, into frame: inout I420Frame) {
        frame.copyPixels(from: background)
        drawBars(offset: Int(counter) &* max(1, width / 320) * 2, into: &frame)
        drawClock(timestampMilliseconds, counter: counter, into: &frame)
        drawSecond(timestampMilliseconds, into: &frame)
        let stamp = PictureStamp(counter: counter, timestampMilliseconds: timestampMilliseconds)
        for (row, word) in stamp.words.enumerated() {
            for column in 0..<PictureStamp.columns where word & (0x8000_0000 >> UInt32(column)) != 0 {
                frame.fillLuma(cell(column: column, row: PictureStamp.firstRow + row), with: PixelColor.white.y)
            }
        }
    }

    /// Reads the stamp of a picture back from decoded pixels, in its own size or scaled.
    ///
    /// - Returns: `nil` if the frame is no test picture, or too spoilt or small to tell.
    public static func read(_ frame: I420Frame) -> PictureStamp? {
        PictureStamp(reading: frame)
    }
}

extension TestPicture {
    private static let ink = PixelColor(red: 18, green: 22, blue: 36)
    private static let palette = [
        PixelColor(red: 240, green: 81, blue: 56), PixelColor(red: 247, green: 148, blue: 51),
        PixelColor(red: 252, green: 211, blue: 77), PixelColor(red: 74, green: 200, blue: 120),
        PixelColor(red: 45, green: 190, blue: 200), PixelColor(red: 66, green: 133, blue: 244),
        PixelColor(red: 128, green: 90, blue: 213), PixelColor(red: 214, green: 80, blue: 160),
    ]

    /// A cell of the 32 by 18 grid that the whole layout follows.
    private func cell(column: Int, row: Int) -> PixelRectangle {
        let left = column * width / PictureStamp.columns
        let top = row * height / PictureStamp.rows
        return PixelRectangle(
            x: left, y: top, width: (column + 1) * width / PictureStamp.columns - left,
            height: (row + 1) * height / PictureStamp.rows - top)
    }

    /// The rows of the grid that the bars cover.
    private static let barsRows = 0..<6

    private static func barRows(width: Int) -> [[UInt8]] {
        let chroma = (width + 1) / 2
        func row(_ count: Int, _ level: (PixelColor) -> UInt8) -> [UInt8] {
            let turn = (0..<count).map { level(palette[$0 * palette.count / count]) }
            return turn + turn
        }
        return [row(width, \.y), row(chroma, \.u), row(chroma, \.v)]
    }

    private static func background(width: Int, height: Int, title: String, dot: Int) -> I420Frame {
        var frame = I420Frame(width: width, height: height)
        let stampTop = PictureStamp.firstRow * height / PictureStamp.rows
        frame.fill(PixelRectangle(x: 0, y: 0, width: width, height: stampTop), with: ink)
        let rampTop = 12 * height / PictureStamp.rows
        let rampHeight = 14 * height / PictureStamp.rows - rampTop
        for step in 0..<16 {
            let left = step * width / 16
            let gray = UInt8(16 + step * 219 / 15)
            frame.fill(
                PixelRectangle(x: left, y: rampTop, width: (step + 1) * width / 16 - left, height: rampHeight),
                with: PixelColor(y: gray, u: 128, v: 128))
        }
        let margin = width / PictureStamp.columns
        frame.write(title, x: margin, y: height * 26 / 72, dot: dot, luma: 180)
        return frame
    }

    private func drawBars(offset: Int, into frame: inout I420Frame) {
        for (row, plane) in zip(bars, I420Frame.Plane.allCases) {
            let width = frame.width(of: plane)
            let lines = Self.barsRows.upperBound * frame.height(of: plane) / PictureStamp.rows
            let shift = (plane == .y ? offset : offset / 2) % width
            let target = frame.range(of: plane).lowerBound
            unsafe frame.withUnsafeMutablePixels { pixels in
                unsafe row.withUnsafeBufferPointer { source in
                    guard let base = pixels.baseAddress, let start = source.baseAddress else { return }
                    for line in 0..<lines {
                        unsafe (base + target + line * width).update(from: start + shift, count: width)
                    }
                }
            }
        }
    }

    private func drawClock(_ milliseconds: UInt64, counter: UInt32, into frame: inout I420Frame) {
        let margin = width / PictureStamp.columns
        let clock = Self.clockText(milliseconds)
        frame.write(clock, x: margin, y: height * 35 / 72, dot: largeDot, luma: 235)
        let number = "FRAME \(counter)"
        frame.write(
            number, x: width - margin - BitmapFont.width(of: number) * smallDot, y: height * 26 / 72,
            dot: smallDot, luma: 235)
        let size = "\(width)X\(height)"
        frame.write(
            size, x: width - margin - BitmapFont.width(of: size) * smallDot, y: height * 40 / 72,
            dot: smallDot, luma: 150)
    }

    /// A hand that crosses the picture once a second, for the eye to judge smoothness by.
    private func drawSecond(_ milliseconds: UInt64, into frame: inout I420Frame) {
        let fraction = Int(milliseconds % 1000)
        let top = 14 * height / PictureStamp.rows
        let track = PictureStamp.firstRow * height / PictureStamp.rows - top
        let thickness = max(1, track / 3)
        let length = (width * fraction / 1000) & ~1
        frame.fill(
            PixelRectangle(x: 0, y: top + thickness, width: length, height: thickness), with: Self.palette[0])
    }

    /// Hours, minutes, seconds and milliseconds of the day, in UTC if the time began at midnight there.
    private static func clockText(_ milliseconds: UInt64) -> String {
        func padded(_ value: UInt64, _ width: Int) -> String {
            let digits = String(value)
            return String(repeating: "0", count: max(0, width - digits.count)) + digits
        }
        let seconds = milliseconds / 1000
        return padded(seconds / 3600 % 24, 2) + ":" + padded(seconds / 60 % 60, 2) + ":" + padded(seconds % 60, 2)
            + "." + padded(milliseconds % 1000, 3)
    }
}
