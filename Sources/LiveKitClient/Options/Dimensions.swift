/// The size of a picture in pixels.
public struct Dimensions: Hashable, Sendable, CustomStringConvertible {
    /// The width in pixels.
    public var width: Int
    /// The height in pixels.
    public var height: Int

    /// Creates dimensions.
    public init(width: Int, height: Int) {
        self.width = width
        self.height = height
    }

    /// `640x360`.
    public var description: String { "\(width)x\(height)" }

    /// The longer side.
    public var max: Int { Swift.max(width, height) }
    /// The number of pixels.
    public var area: Int { width * height }

    /// The longer side over the shorter one.
    var aspectRatio: Double { Double(max) / Double(Swift.max(1, Swift.min(width, height))) }

    /// A picture of the same shape, no larger than this one, whose longer side is `longer` pixels. Sides are even,
    /// as the chroma planes like them.
    func scaled(toLongerSide longer: Int) -> Dimensions {
        guard longer < max, max > 0 else { return self }
        func side(_ value: Int) -> Int { Swift.max(2, (value * longer / max + 1) & ~1) }
        return Dimensions(width: side(width), height: side(height))
    }
}
