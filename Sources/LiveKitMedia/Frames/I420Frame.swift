/// One uncompressed picture in planar YUV 4:2:0, the form that VP8 and VP9 take and give.
///
/// The three planes lie one behind the other in a single buffer without gaps, so a row's stride is its
/// width. A value: copies share their pixels until one of them is written to. Levels are BT.601, limited
/// range (16...235 for luma, 16...240 for chroma), unless whoever made the frame says otherwise.
///
/// ```
/// +-----------------------+-----------+-----------+
/// | Y  width x height     | U  ⌈w/2⌉  | V  ⌈w/2⌉  |
/// |                       |  x ⌈h/2⌉  |  x ⌈h/2⌉  |
/// +-----------------------+-----------+-----------+
/// ```
public struct I420Frame: Hashable, Sendable {
    /// The planes of a frame.
    public enum Plane: CaseIterable, Hashable, Sendable {
        /// Luma, in full resolution.
        case y
        /// Blue difference, in half the resolution both ways.
        case u
        /// Red difference, in half the resolution both ways.
        case v
    }

    /// The longest side: what VP8's 14-bit size fields can say (RFC 6386 §9.1).
    public static let maximumDimension = 16_383

    /// The picture's width in pixels.
    public let width: Int
    /// The picture's height in pixels.
    public let height: Int
    /// When the picture was taken, in nanoseconds on its source's clock.
    public var timestampNanoseconds: Int64
    /// The pixels of all three planes, Y, U, V.
    public private(set) var bytes: [UInt8]

    /// Creates a black frame.
    ///
    /// - Precondition: both sides are in `1...maximumDimension`.
    public init(width: Int, height: Int, timestampNanoseconds: Int64 = 0) {
        precondition(Self.isValid(width: width, height: height), "a frame's sides are 1...16383 pixels")
        self.width = width
        self.height = height
        self.timestampNanoseconds = timestampNanoseconds
        let chroma = ((width + 1) / 2) * ((height + 1) / 2) * 2
        bytes = unsafe [UInt8](unsafeUninitializedCapacity: width * height + chroma) { buffer, count in
            unsafe buffer[..<(width * height)].update(repeating: 16)
            unsafe buffer[(width * height)...].update(repeating: 128)
            count = width * height + chroma
        }
    }

    /// Adopts pixels that are laid out as ``bytes`` are.
    ///
    /// - Returns: `nil` unless both sides are in `1...maximumDimension` and `bytes` has exactly the size
    ///   that they call for.
    public init?(width: Int, height: Int, bytes: [UInt8], timestampNanoseconds: Int64 = 0) {
        guard Self.isValid(width: width, height: height) else { return nil }
        guard bytes.count == width * height + ((width + 1) / 2) * ((height + 1) / 2) * 2 else { return nil }
        self.width = width
        self.height = height
        self.timestampNanoseconds = timestampNanoseconds
        self.bytes = bytes
    }

    private static func isValid(width: Int, height: Int) -> Bool {
        (1...maximumDimension).contains(width) && (1...maximumDimension).contains(height)
    }

    /// The width of the chroma planes in pixels.
    public var chromaWidth: Int { (width + 1) / 2 }
    /// The height of the chroma planes in pixels.
    public var chromaHeight: Int { (height + 1) / 2 }

    /// The number of pixels in a row of `plane`.
    public func width(of plane: Plane) -> Int { plane == .y ? width : chromaWidth }
    /// The number of rows of `plane`.
    public func height(of plane: Plane) -> Int { plane == .y ? height : chromaHeight }
    /// The distance between the starts of two rows of `plane`, in bytes.
    public func stride(of plane: Plane) -> Int { width(of: plane) }

    /// Where `plane` lies in ``bytes``.
    public func range(of plane: Plane) -> Range<Int> {
        let luma = width * height
        let chroma = chromaWidth * chromaHeight
        return switch plane {
        case .y: 0..<luma
        case .u: luma..<luma + chroma
        case .v: luma + chroma..<luma + 2 * chroma
        }
    }
}

extension I420Frame {
    /// The luma plane, row after row.
    public var y: Span<UInt8> {
        @_lifetime(borrow self)
        get {
            let all = bytes.span
            return unsafe _overrideLifetime(all.extracting(range(of: .y)), borrowing: self)
        }
    }

    /// The blue difference plane, row after row.
    public var u: Span<UInt8> {
        @_lifetime(borrow self)
        get {
            let all = bytes.span
            return unsafe _overrideLifetime(all.extracting(range(of: .u)), borrowing: self)
        }
    }

    /// The red difference plane, row after row.
    public var v: Span<UInt8> {
        @_lifetime(borrow self)
        get {
            let all = bytes.span
            return unsafe _overrideLifetime(all.extracting(range(of: .v)), borrowing: self)
        }
    }

    /// Lets `body` write the pixels of one plane, row after row.
    public mutating func withMutablePlane<Failure: Error>(
        _ plane: Plane, _ body: (inout MutableSpan<UInt8>) throws(Failure) -> Void
    ) throws(Failure) {
        let range = range(of: plane)
        try unsafe bytes.withUnsafeMutableBufferPointer { all throws(Failure) in
            var span = unsafe MutableSpan(_unsafeElements: all[range])
            try body(&span)
        }
    }

    /// Takes over the pixels of `other`, in the buffer that is already there.
    ///
    /// - Precondition: both frames have the same size.
    public mutating func copyPixels(from other: I420Frame) {
        precondition(width == other.width && height == other.height, "copying between frames of different sizes")
        unsafe withUnsafeMutablePixels { target in
            unsafe other.bytes.withUnsafeBufferPointer { source in
                _ = unsafe target.update(fromContentsOf: source)
            }
        }
    }

    /// Hands out the whole buffer for the inner loops of this module.
    mutating func withUnsafeMutablePixels(_ body: (UnsafeMutableBufferPointer<UInt8>) -> Void) {
        unsafe bytes.withUnsafeMutableBufferPointer { unsafe body($0) }
    }
}
