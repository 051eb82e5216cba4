internal import COpenSSL

/// The two ends of OpenSSL's wire, as a BIO that keeps datagrams apart.
///
/// OpenSSL's memory BIO joins what is written to it. Here each write is a datagram (OpenSSL gathers the
/// records of a flight up to the MTU and writes them at once), and each read takes the one record at hand.
@safe
final class DTLSDatagramBIO {
    /// The record that OpenSSL may read, lent for one call.
    private var inbound = unsafe UnsafeRawBufferPointer(start: nil, count: 0)
    private(set) var outbound = DatagramQueue(capacity: DTLSLimits.queuedDatagrams)
    /// What OpenSSL wrote since ``takeWritten()``, while a handshake asks for it.
    private var written: [[UInt8]] = []
    private var keepsWritten = false
    /// How often OpenSSL's timer was set for the flight under way.
    private var waits = 0

    /// The BIO_METHOD of every connection. `nonisolated(unsafe)`: written once here, only read afterwards.
    private static nonisolated(unsafe) let method: OpaquePointer? = unsafe makeMethod()

    /// A BIO over this object, which must outlive it.
    func makeBIO() -> OpaquePointer? {
        guard let method = unsafe Self.method, let bio = unsafe BIO_new(method) else { return nil }
        unsafe BIO_set_data(bio, Unmanaged.passUnretained(self).toOpaque())
        unsafe BIO_set_init(bio, 1)
        return unsafe bio
    }

    func takeOutbound() -> [UInt8]? {
        outbound.take()
    }

    /// Queues a datagram that OpenSSL wrote before.
    func requeue(_ datagram: [UInt8]) {
        outbound.append(datagram)
    }

    /// Calls `body` and returns what OpenSSL wrote meanwhile; it is queued all the same.
    func recordingWrites(_ body: () -> Void) -> [[UInt8]] {
        keepsWritten = true
        defer {
            keepsWritten = false
            written = []
        }
        body()
        return written
    }

    private func write(_ datagram: [UInt8]) {
        outbound.append(datagram)
        if keepsWritten, written.count < DTLSLimits.flightDatagrams { written.append(datagram) }
    }

    /// OpenSSL's next wait for an answer, in microseconds; `previous` is zero for a new flight.
    private func nextWait(after previous: UInt32) -> UInt32 {
        waits = previous == 0 ? 0 : min(waits + 1, DTLSLimits.retransmissions.count - 1)
        return DTLSLimits.retransmissions[waits]
    }

    /// Lends `record` to OpenSSL while `body` runs.
    func withInbound(_ record: UnsafeRawBufferPointer, _ body: () -> Void) {
        unsafe inbound = record
        body()
        unsafe inbound = UnsafeRawBufferPointer(start: nil, count: 0)
    }

    private func read(into target: UnsafeMutableRawPointer, capacity: Int) -> Int {
        let count = unsafe min(capacity, inbound.count)
        guard count > 0, let source = unsafe inbound.baseAddress else { return 0 }
        unsafe target.copyMemory(from: source, byteCount: count)
        unsafe inbound = UnsafeRawBufferPointer(start: nil, count: 0)
        return count
    }

    private static func owner(of bio: OpaquePointer?) -> DTLSDatagramBIO? {
        guard let data = unsafe BIO_get_data(bio) else { return nil }
        return unsafe Unmanaged<DTLSDatagramBIO>.fromOpaque(data).takeUnretainedValue()
    }

    /// The timer of every connection, for `DTLS_set_timer_cb`.
    static let timer: @convention(c) (OpaquePointer?, UInt32) -> UInt32 = { ssl, previous in
        let owner = unsafe DTLSDatagramBIO.owner(of: SSL_get_wbio(ssl))
        return owner?.nextWait(after: previous) ?? DTLSLimits.retransmissions[0]
    }

    private static func makeMethod() -> OpaquePointer? {
        guard let method = unsafe BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "datagrams") else {
            return nil
        }
        unsafe BIO_meth_set_write(method) { bio, bytes, count in
            guard let owner = unsafe DTLSDatagramBIO.owner(of: bio), let bytes = unsafe bytes, count > 0 else {
                return -1
            }
            unsafe owner.write([UInt8](UnsafeRawBufferPointer(start: bytes, count: Int(count))))
            return count
        }
        unsafe BIO_meth_set_read(method) { bio, bytes, capacity in
            unsafe BIO_clear_flags(bio, BIO_FLAGS_READ | BIO_FLAGS_WRITE | BIO_FLAGS_SHOULD_RETRY)
            guard let owner = unsafe DTLSDatagramBIO.owner(of: bio), let bytes = unsafe bytes else { return -1 }
            let count = unsafe owner.read(into: bytes, capacity: Int(capacity))
            guard count == 0 else { return CInt(count) }
            unsafe BIO_set_flags(bio, BIO_FLAGS_READ | BIO_FLAGS_SHOULD_RETRY)
            return -1
        }
        unsafe BIO_meth_set_ctrl(method) { _, command, _, _ in
            // A flush has nothing left to do; OpenSSL's questions about sockets and timers are answered by "no".
            command == BIO_CTRL_FLUSH ? 1 : 0
        }
        return unsafe method
    }
}
