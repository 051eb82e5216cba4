internal import LiveKitCore

/// Reads the frames of an IVF file, the plainest container of VP8, VP9 and AV1.
public struct IVFReader: ~Copyable {
    /// What the file says about its video.
    public let header: IVFHeader
    private let source: ByteSource

    /// Opens a file.
    public init(path: String) throws(ContainerError) {
        try self.init(source: ByteSource(path: path))
    }

    /// Reads a file that is in memory.
    public init(bytes: [UInt8]) throws(ContainerError) {
        try self.init(source: ByteSource(bytes: bytes))
    }

    private init(source: ByteSource) throws(ContainerError) {
        header = try IVFHeader(parsing: source.read(exactly: IVFHeader.size, of: "the header"))
        self.source = source
    }

    /// The next frame, or `nil` at the end.
    ///
    /// - Throws: ``ContainerError`` with code ``ContainerError/Code/truncated`` if the file ends within a
    ///   frame, or ``ContainerError/Code/tooLarge`` for a frame of more than 8 MiB.
    public mutating func nextFrame() throws(ContainerError) -> IVFFrame? {
        let head = try source.read(upTo: IVFHeader.frameHeaderSize)
        if head.isEmpty { return nil }
        let size: Int
        let timestamp: UInt64
        do throws(WireError) {
            var reader = ByteReader(head.rawSpan)
            size = Int(try reader.readLittleEndian(UInt32.self))
            timestamp = try reader.readLittleEndian()
        } catch { throw ContainerError(.truncated, "The file ends in a frame's header: \(error).") }
        guard size <= ContainerLimits.videoFrameSize else {
            throw ContainerError(.tooLarge, "A frame of \(size) bytes is over the limit.")
        }
        return IVFFrame(bytes: try source.read(exactly: size, of: "a frame"), timestamp: timestamp)
    }

    /// Goes back to the first frame.
    public mutating func rewind() throws(ContainerError) {
        try source.seek(to: IVFHeader.size)
    }
}
