internal import CLiveKitSystem
internal import LiveKitCore
internal import LiveKitRTC

/// The TCP connection to a TURN server, with TLS or without. Confined to its loop.
@safe
final class RelayStream {
    enum ReadResult { case more, blocked, closed(TURNFailure) }

    let descriptor: CInt
    /// Whether the loop waits for room to write.
    var isWaitingToWrite = true

    private let tls: TLSClientStream?
    /// Where TLS puts what it decrypts, and takes what it encrypted.
    private let record: UnsafeMutableRawBufferPointer
    private var splitter = TURNStreamSplitter()
    private var outgoing = OutgoingFrames(limit: StreamLimits.outgoingBytes)
    private var isBroken = false

    /// Begins to connect; `nil` when the system refuses.
    init?(to remote: TransportAddress, tls: TLSClientStream?) {
        descriptor = lk_tcp_connect(remote.system)
        self.tls = tls
        unsafe record = .allocate(byteCount: tls == nil ? 0 : RelayLimits.recordBytes, alignment: 8)
        guard descriptor >= 0 else { return nil }
        tls?.start()
    }

    deinit {
        if descriptor >= 0 { lk_close(descriptor) }
        unsafe record.deallocate()
    }

    /// Whether what is written goes out, or will as soon as TCP stands.
    var isOpen: Bool { tls.map { $0.state == .open } ?? true }

    var hasOutgoing: Bool { !outgoing.isEmpty && !isBroken }

    // MARK: In

    /// Reads once and passes on the frames that are whole.
    func read(into slab: UnsafeMutableRawBufferPointer, _ body: (UnsafeMutableRawBufferPointer) -> Void) -> ReadResult {
        let count = unsafe lk_stream_read(descriptor, slab.baseAddress, slab.count)
        guard count >= 0 else { return count == Int(LK_STREAM_BLOCKED) ? .blocked : .closed(.connectionLost) }
        let bytes = unsafe UnsafeMutableRawBufferPointer(rebasing: slab[..<count])
        do {
            if let tls {
                unsafe tls.receive(UnsafeRawBufferPointer(bytes))
                while case let size = unsafe tls.read(into: record), size > 0 {
                    unsafe try splitter.split(UnsafeMutableRawBufferPointer(rebasing: record[..<size]), body)
                }
            } else {
                unsafe try splitter.split(bytes, body)
            }
        } catch {
            return .closed(.connectionLost)
        }
        if case .ended(let failure) = tls?.state { return .closed(Self.failure(failure)) }
        return count == slab.count ? .more : .blocked
    }

    private static func failure(_ failure: TLSFailure?) -> TURNFailure {
        guard let failure else { return .connectionLost }
        return .untrusted(failure.description)
    }

    // MARK: Out

    /// Queues a frame; ``flush()`` follows.
    ///
    /// - Returns: Whether there was room.
    func write(_ frame: UnsafeRawBufferPointer) -> Bool {
        unsafe tls.map { unsafe $0.send(frame) } ?? outgoing.append(unframed: frame)
    }

    /// Writes what the kernel takes.
    func flush() {
        while true {
            takeEncrypted()
            guard hasOutgoing else { return }
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

    private func takeEncrypted() {
        guard let tls else { return }
        while tls.outboundCount > 0, unsafe outgoing.room >= record.count {
            let count = unsafe tls.takeOutbound(into: record)
            guard count > 0 else { return }
            _ = unsafe outgoing.append(unframed: UnsafeRawBufferPointer(rebasing: record[..<count]))
        }
    }

    /// Says goodbye.
    func close() {
        tls?.close()
        flush()
    }
}
