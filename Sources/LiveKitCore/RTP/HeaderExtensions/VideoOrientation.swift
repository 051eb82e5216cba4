/// How a picture must be turned to stand upright.
///
/// - SeeAlso: 3GPP TS 26.114 §7.4.5 (coordination of video orientation).
public struct VideoOrientation: Hashable, Sendable {
    /// The rotation to apply, clockwise.
    public enum Rotation: UInt8, Hashable, Sendable {
        /// None.
        case none
        /// A quarter turn.
        case quarter
        /// Half a turn.
        case half
        /// Three quarters of a turn.
        case threeQuarters
    }

    /// Whether a camera on the back took the picture.
    public var isBackCamera: Bool
    /// Whether the picture is mirrored.
    public var isFlipped: Bool
    /// The rotation to apply.
    public var rotation: Rotation

    /// Creates an orientation.
    public init(rotation: Rotation, isFlipped: Bool = false, isBackCamera: Bool = false) {
        self.rotation = rotation
        self.isFlipped = isFlipped
        self.isBackCamera = isBackCamera
    }

    /// Reads the element's value.
    public init(parsing bytes: RawSpan) throws(WireError) {
        var reader = ByteReader(bytes)
        let octet: UInt8 = try reader.read()
        self.init(
            rotation: Rotation(rawValue: octet & 3) ?? .none, isFlipped: octet & 4 != 0, isBackCamera: octet & 8 != 0)
    }

    /// The element's value.
    public func encoded() -> [UInt8] {
        [(isBackCamera ? 8 : 0) | (isFlipped ? 4 : 0) | rotation.rawValue]
    }
}
