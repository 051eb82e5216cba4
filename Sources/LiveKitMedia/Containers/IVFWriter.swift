internal import LiveKitCore

/// Writes frames to an IVF file, the plainest container of VP8, VP9 and AV1.
///
/// A file that is never finished stays readable; only its frame count says 0.
public struct IVFWriter: ~Copyable {
    private var header: IVFHeader
    private let sink: ByteSink

    /// Creates or empties a file.
    public init(path: String, header: IVFHeader) throws(ContainerError) {
        try self.init(sink: ByteSink(path: path), header: header)
    }

    /// Writes to memory: ``bytes``.
    public init(header: IVFHeader) throws(ContainerError) {
        try self.init(sink: ByteSink(), header: header)
    }

    private init(sink: ByteSink, header: IVFHeader) throws(ContainerError) {
        self.sink = sink
        self.header = header
        self.header.frameCount = 0
        try sink.write(self.header.encoded())
    }

    /// What was written so far, if it was written to memory.
    public var bytes: [UInt8] { sink.bytes }

    /// Appends a frame.
    ///
    /// - Throws: ``ContainerError`` with code ``ContainerError/Code/tooLarge`` for more than 8 MiB.
    public mutating func write(_ frame: IVFFrame) throws(ContainerError) {
        guard frame.bytes.count <= ContainerLimits.videoFrameSize else {
            throw ContainerError(.tooLarge, "A frame of \(frame.bytes.count) bytes is over the limit.")
        }
        var writer = ByteWriter(capacity: IVFHeader.frameHeaderSize + frame.bytes.count)
        writer.write(littleEndian: UInt32(frame.bytes.count))
        writer.write(littleEndian: frame.timestamp)
        writer.write(bytes: frame.bytes)
        try sink.write(writer.bytes)
        header.frameCount += 1
    }

    /// Writes the frame count into the header. May be called at any time.
    public mutating func finish() throws(ContainerError) {
        try sink.overwrite(
            Array(header.encoded()[IVFHeader.frameCountOffset..<IVFHeader.frameCountOffset + 4]),
            at: IVFHeader.frameCountOffset)
    }
}
