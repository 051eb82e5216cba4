internal import LiveKitCore

/// What an IVF file says about its video.
///
/// ```
///  0 "DKIF"   4 version 0   6 header size 32   8 codec   12 width   14 height
/// 16 ticks each second   20 seconds   24 frame count   28 unused       (little-endian)
/// ```
public struct IVFHeader: Hashable, Sendable {
    /// The codec's four letters: `VP80`, `VP90` or `AV01`.
    public var codec: String
    /// The width in pixels.
    public var width: Int
    /// The height in pixels.
    public var height: Int
    /// The ticks of the timestamps in ``timebaseSeconds`` seconds.
    public var timebaseTicks: Int
    /// The seconds that ``timebaseTicks`` ticks take, usually 1.
    public var timebaseSeconds: Int
    /// The number of frames; 0 while a file is being written, and in files that were cut off.
    public var frameCount: Int

    /// Creates a header; the timebase is RTP's 90 000 ticks each second unless said otherwise.
    public init(codec: String = "VP80", width: Int, height: Int, timebaseTicks: Int = 90_000, timebaseSeconds: Int = 1)
    {
        self.codec = codec
        self.width = width
        self.height = height
        self.timebaseTicks = timebaseTicks
        self.timebaseSeconds = timebaseSeconds
        frameCount = 0
    }

    static let size = 32
    static let frameCountOffset = 24
    static let frameHeaderSize = 12

    init(parsing bytes: [UInt8]) throws(ContainerError) {
        do throws(WireError) {
            var reader = ByteReader(bytes.rawSpan)
            let signature = try reader.readString(4)
            let version: UInt16 = try reader.readLittleEndian()
            let size: UInt16 = try reader.readLittleEndian()
            codec = try reader.readString(4)
            width = Int(try reader.readLittleEndian(UInt16.self))
            height = Int(try reader.readLittleEndian(UInt16.self))
            timebaseTicks = Int(try reader.readLittleEndian(UInt32.self))
            timebaseSeconds = Int(try reader.readLittleEndian(UInt32.self))
            frameCount = Int(try reader.readLittleEndian(UInt32.self))
            guard signature == "DKIF", version == 0, size == Self.size else {
                throw WireError.invalid(.version)
            }
        } catch { throw ContainerError(.corrupt, "The file has no IVF header: \(error).") }
        guard timebaseTicks > 0, timebaseSeconds > 0 else {
            throw ContainerError(.corrupt, "The IVF header's timebase is zero.")
        }
    }

    func encoded() -> [UInt8] {
        var writer = ByteWriter(capacity: Self.size)
        writer.write(utf8: "DKIF")
        writer.write(littleEndian: UInt16(0))
        writer.write(littleEndian: UInt16(Self.size))
        writer.write(bytes: Array((codec + "    ").utf8.prefix(4)))
        writer.write(littleEndian: UInt16(clamping: width))
        writer.write(littleEndian: UInt16(clamping: height))
        writer.write(littleEndian: UInt32(clamping: timebaseTicks))
        writer.write(littleEndian: UInt32(clamping: timebaseSeconds))
        writer.write(littleEndian: UInt32(clamping: frameCount))
        writer.write(zeros: 4)
        return writer.bytes
    }
}

/// One frame of an IVF file.
public struct IVFFrame: Hashable, Sendable {
    /// The codec's bytes.
    public var bytes: [UInt8]
    /// When to show the frame, in ticks of the file's timebase.
    public var timestamp: UInt64

    /// Creates a frame.
    public init(bytes: [UInt8], timestamp: UInt64) {
        self.bytes = bytes
        self.timestamp = timestamp
    }
}
