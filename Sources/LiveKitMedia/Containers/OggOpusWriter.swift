/// Writes Opus packets to an Ogg file (RFC 7845).
///
/// A page goes out after a second of sound, as RFC 7845 §4 recommends, so a file that is cut off loses
/// little more than that. ``finish()`` writes the rest and marks the end.
public struct OggOpusWriter: ~Copyable {
    private static let longestPage = 48_000

    private let sink: ByteSink
    private var page = OggPage()
    private var sequence: UInt32 = 0
    /// Sample frames written so far: the granule position of the newest packet.
    private var framesWritten: Int64 = 0
    private var framesOnPage = 0
    private var isFinished = false

    /// Creates or empties a file.
    public init(
        path: String, head: OpusHead, tags: OpusTags = OpusTags(), serial: UInt32 = 1
    ) throws(ContainerError) {
        try self.init(sink: ByteSink(path: path), head: head, tags: tags, serial: serial)
    }

    /// Writes to memory: ``bytes``.
    public init(head: OpusHead, tags: OpusTags = OpusTags(), serial: UInt32 = 1) throws(ContainerError) {
        try self.init(sink: ByteSink(), head: head, tags: tags, serial: serial)
    }

    private init(sink: ByteSink, head: OpusHead, tags: OpusTags, serial: UInt32) throws(ContainerError) {
        self.sink = sink
        guard (1...2).contains(head.channels) else {
            throw ContainerError(.unsupported, "Ogg Opus here has one or two channels, not \(head.channels).")
        }
        page.serial = serial
        page.isFirst = true
        // Head and tags each end a page of their own, at position 0 (RFC 7845 §3).
        try append(head.encoded(), endsAt: 0)
        try flush()
        try append(tags.encoded(), endsAt: 0)
        try flush()
    }

    /// What was written so far, if it was written to memory.
    public var bytes: [UInt8] { sink.bytes }

    /// Appends a packet.
    ///
    /// - Throws: ``ContainerError`` with code ``ContainerError/Code/corrupt`` if it is no Opus packet, or
    ///   ``ContainerError/Code/tooLarge`` for more than 61 440 bytes.
    public mutating func write(_ packet: [UInt8]) throws(ContainerError) {
        precondition(!isFinished, "writing to a finished stream")
        guard let header = OpusPacketHeader(packet) else {
            throw ContainerError(.corrupt, "The bytes are not an Opus packet.")
        }
        guard packet.count <= ContainerLimits.audioPacketSize else {
            throw ContainerError(.tooLarge, "A packet of \(packet.count) bytes is over the limit.")
        }
        // A page is flushed before the packet that overfills it, so that the last page is never empty.
        if framesOnPage + header.frameCount > Self.longestPage { try flush() }
        framesWritten += Int64(header.frameCount)
        framesOnPage += header.frameCount
        try append(packet, endsAt: framesWritten)
    }

    /// Writes what is left and marks the end of the stream.
    public mutating func finish() throws(ContainerError) {
        guard !isFinished else { return }
        isFinished = true
        page.isLast = true
        if page.granulePosition == OggPage.noPosition { page.granulePosition = framesWritten }
        try flush()
    }

    /// Cuts a packet into segments, and pages where one is full.
    private mutating func append(_ packet: [UInt8], endsAt position: Int64) throws(ContainerError) {
        var offset = 0
        while true {
            if page.segmentSizes.count == OggPage.maximumSegments {
                try flush()
                page.isContinued = offset > 0
            }
            let size = min(255, packet.count - offset)
            page.segmentSizes.append(UInt8(size))
            page.body.append(contentsOf: packet[offset..<offset + size])
            offset += size
            if size < 255 { break }
        }
        page.granulePosition = position
    }

    private mutating func flush() throws(ContainerError) {
        page.sequence = sequence
        try sink.write(page.encoded())
        sequence &+= 1
        let serial = page.serial
        page = OggPage()
        page.serial = serial
        framesOnPage = 0
    }
}
