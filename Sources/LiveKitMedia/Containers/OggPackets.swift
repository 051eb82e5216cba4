/// Strings the packets of one logical stream together from its pages.
///
/// - SeeAlso: [RFC 3533 §5](https://www.rfc-editor.org/rfc/rfc3533#section-5).
struct OggPackets {
    struct Packet: Hashable {
        var bytes: [UInt8]
        /// The page's position, with the last packet that ends on it.
        var granulePosition: Int64?
    }

    private let source: ByteSource
    private var serial: UInt32?
    private var nextSequence: UInt32 = 0
    private var page = OggPage()
    /// The next segment of the page, and where its bytes begin.
    private var segment = 0
    private var position = 0
    private var isFinished = false
    /// Where to go back to: just behind the page on which the headers end.
    private var start: (offset: Int, sequence: UInt32) = (0, 0)

    init(source: ByteSource) {
        self.source = source
    }

    /// Remembers this place, which RFC 7845 §3 makes the end of a page, for ``rewind()``.
    mutating func markStart() {
        start = (source.offset, nextSequence)
    }

    mutating func rewind() throws(ContainerError) {
        try source.seek(to: start.offset)
        nextSequence = start.sequence
        page = OggPage()
        segment = 0
        position = 0
        isFinished = false
    }

    /// The next whole packet of at most `limit` bytes, or `nil` at the end of the stream.
    mutating func next(limit: Int) throws(ContainerError) -> Packet? {
        var bytes: [UInt8] = []
        var isWithin = false
        while true {
            while segment < page.segmentSizes.count {
                let size = Int(page.segmentSizes[segment])
                guard bytes.count + size <= limit else {
                    throw ContainerError(.tooLarge, "A packet is over \(limit) bytes.")
                }
                bytes.append(contentsOf: page.body[position..<position + size])
                position += size
                segment += 1
                isWithin = true
                if size < 255 {
                    let isLastOfPage = !page.segmentSizes[segment...].contains { $0 < 255 }
                    return Packet(bytes: bytes, granulePosition: isLastOfPage ? page.granulePosition : nil)
                }
            }
            guard try turnPage(isWithin: isWithin) else { return nil }
        }
    }

    /// Goes to the stream's next page; `false` at its end.
    private mutating func turnPage(isWithin: Bool) throws(ContainerError) -> Bool {
        if isFinished && !isWithin { return false }
        let origin = source.offset
        while let next = try OggPage(reading: source) {
            if serial == nil {
                guard next.isFirst else {
                    throw ContainerError(.corrupt, "The stream does not begin with its first page.")
                }
                serial = next.serial
            }
            guard next.serial == serial else {
                guard source.offset - origin <= ContainerLimits.foreignBytes else {
                    throw ContainerError(.corrupt, "The stream has no more pages within 64 MiB.")
                }
                continue
            }
            guard next.sequence == nextSequence else {
                throw ContainerError(.corrupt, "Page \(nextSequence) is missing: \(next.sequence) follows.")
            }
            guard next.isContinued == isWithin else {
                throw ContainerError(.corrupt, "Page \(next.sequence) does not go on where the one before ended.")
            }
            nextSequence &+= 1
            page = next
            segment = 0
            position = 0
            isFinished = next.isLast
            return true
        }
        guard !isWithin else { throw ContainerError(.truncated, "The file ends within a packet.") }
        return false
    }
}
