internal import CLiveKitSystem
internal import LiveKitCore
internal import LiveKitRTC

/// One TCP connection that carries ICE (RFC 6544), accepted or dialled. Confined to its loop.
final class TCPConnection {
    enum ReadResult { case more, blocked, closed }

    let descriptor: CInt
    let remote: TransportAddress
    let openedAt: MediaInstant
    /// What finds the session of a connection that was accepted; `nil` where we dialled for one.
    let demux: SessionDemux?
    var session: Int?
    /// Whether the session has vouched for the peer.
    var isProven = false
    var framesBeforeProof = 0
    var lastHeardAt: MediaInstant
    /// Whether the loop waits for room to write.
    var isWaitingToWrite = false
    /// Writing failed; the next read says why, and ends it.
    private(set) var isBroken = false
    /// Datagrams that found no room.
    private(set) var dropped = 0

    private var splitter = FrameSplitter()
    private var outgoing = OutgoingFrames(limit: StreamLimits.outgoingBytes)

    init(
        descriptor: CInt, remote: TransportAddress, demux: SessionDemux?, session: Int?, now: MediaInstant
    ) {
        self.descriptor = descriptor
        self.remote = remote
        self.demux = demux
        self.session = session
        openedAt = now
        lastHeardAt = now
    }

    deinit {
        lk_close(descriptor)
    }

    var hasOutgoing: Bool { !outgoing.isEmpty && !isBroken }

    /// Whether it has had its time.
    func isOverdue(now: MediaInstant) -> Bool {
        isProven
            ? now - lastHeardAt >= StreamLimits.idleTimeout : now - openedAt >= StreamLimits.provingTimeout
    }

    /// Queues a datagram.
    func enqueue(_ datagram: UnsafeRawBufferPointer) -> Bool {
        guard !isBroken, unsafe outgoing.append(datagram) else {
            dropped &+= 1
            return false
        }
        return true
    }

    /// Writes what the kernel takes.
    func flush() {
        while hasOutgoing {
            var isBlocked = false
            unsafe outgoing.write { bytes in
                let count = unsafe lk_stream_write(descriptor, bytes.baseAddress, bytes.count)
                if count == Int(LK_STREAM_CLOSED) { isBroken = true }
                isBlocked = count < bytes.count
                return count
            }
            if isBlocked { return }
        }
    }

    /// Reads once and passes on the datagrams that are whole.
    func read(
        into slab: UnsafeMutableRawBufferPointer, now: MediaInstant,
        _ body: (UnsafeMutableRawBufferPointer) -> Void
    ) -> ReadResult {
        let count = unsafe lk_stream_read(descriptor, slab.baseAddress, slab.count)
        guard count >= 0 else { return count == Int(LK_STREAM_BLOCKED) ? .blocked : .closed }
        lastHeardAt = now
        do {
            unsafe try splitter.split(UnsafeMutableRawBufferPointer(rebasing: slab[..<count]), body)
        } catch {
            return .closed
        }
        return count == slab.count ? .more : .blocked
    }
}
