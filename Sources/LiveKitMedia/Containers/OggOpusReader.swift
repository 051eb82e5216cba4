/// One Opus packet of an Ogg file.
public struct OggOpusPacket: Hashable, Sendable {
    /// The codec's bytes.
    public let bytes: [UInt8]
    /// The sample frames at 48 kHz that the packet decodes to.
    public let frameCount: Int
    /// The sample frames of the stream up to the end of this packet, pre-skip included, where the page says
    /// so: with the last packet that ends on a page.
    public let granulePosition: Int64?
}

/// Reads the Opus packets of an Ogg file (RFC 7845).
///
/// Checks every page's CRC and order. Pages of other streams in the same file are passed over; a chained
/// second stream is not entered.
public struct OggOpusReader: ~Copyable {
    /// What the stream says about its sound.
    public let head: OpusHead
    /// Who wrote the stream.
    public let tags: OpusTags
    private var packets: OggPackets

    /// Opens a file.
    public init(path: String) throws(ContainerError) {
        try self.init(source: ByteSource(path: path))
    }

    /// Reads a file that is in memory.
    public init(bytes: [UInt8]) throws(ContainerError) {
        try self.init(source: ByteSource(bytes: bytes))
    }

    private init(source: ByteSource) throws(ContainerError) {
        var packets = OggPackets(source: source)
        guard let first = try packets.next(limit: ContainerLimits.audioPacketSize) else {
            throw ContainerError(.truncated, "The file is empty.")
        }
        let head = try OpusHead(parsing: first.bytes)
        guard let second = try packets.next(limit: ContainerLimits.commentsSize) else {
            throw ContainerError(.truncated, "The file ends before its OpusTags.")
        }
        let tags = try OpusTags(parsing: second.bytes)
        packets.markStart()
        self.head = head
        self.tags = tags
        self.packets = packets
    }

    /// The next packet, or `nil` at the end.
    ///
    /// - Throws: ``ContainerError`` with code ``ContainerError/Code/truncated``,
    ///   ``ContainerError/Code/corrupt`` or ``ContainerError/Code/tooLarge``.
    public mutating func nextPacket() throws(ContainerError) -> OggOpusPacket? {
        guard let packet = try packets.next(limit: ContainerLimits.audioPacketSize) else { return nil }
        guard let header = OpusPacketHeader(packet.bytes) else {
            throw ContainerError(.corrupt, "A packet is not an Opus packet.")
        }
        return OggOpusPacket(
            bytes: packet.bytes, frameCount: header.frameCount, granulePosition: packet.granulePosition)
    }

    /// Goes back to the first packet.
    public mutating func rewind() throws(ContainerError) {
        try packets.rewind()
    }
}
