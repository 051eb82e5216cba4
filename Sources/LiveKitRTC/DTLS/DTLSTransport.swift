internal import COpenSSL
package import LiveKitCore

/// One DTLS 1.2 connection (RFC 6347) with the DTLS-SRTP extension (RFC 5764), over OpenSSL.
///
/// Owns the handshake, its retransmissions, the check of the peer's fingerprint and the records of SCTP.
/// Does *not* decide from where datagrams are accepted: only those of a path that ICE verified may come here.
///
/// OpenSSL's retransmission timer asks `gettimeofday`; ``deadline`` is `now` and what OpenSSL says is left of
/// it. A simulation answers `gettimeofday` itself, and retransmissions then follow simulated time to the microsecond.
@safe
package final class DTLSTransport {
    /// Who sends the ClientHello: `a=setup:active` is the client.
    package enum Role: Hashable, Sendable { case client, server }

    private enum Phase { case idle, handshaking, awaitingFingerprint, connected, ended }

    package let role: Role
    /// What the peer's description says; nothing is reported before it is known and matches.
    package var remoteFingerprint: DTLSFingerprint? {
        didSet { verifyPeer() }
    }
    /// When ``handleTimeout(now:)`` wants to be called.
    package private(set) var deadline: MediaInstant?
    /// Records that OpenSSL was not shown: plaintext alerts, encrypted ones before their time, and handshake messages
    /// larger than they may be.
    package private(set) var refusedRecords = 0

    /// Keeps the context alive.
    private let certificate: DTLSCertificate
    private let ssl: OpaquePointer
    private let wire: DTLSDatagramBIO
    /// An encrypted alert that came, and when OpenSSL is to see it.
    private struct HeldAlert {
        var record: [UInt8]
        var dueAt: MediaInstant
    }

    private var phase = Phase.idle
    /// Whether it failed or was closed.
    var hasEnded: Bool { phase == .ended }
    private var handshakeDeadline = MediaInstant.start
    /// What the peer said in clear, if it did: the better reason should the handshake time out.
    private var plaintextAlert: UInt8?
    private var earlyEncryptedBytes = 0
    private var allowance = HandshakeAllowance()
    private var repeater = FlightRepeater()
    private var heldAlert: HeldAlert?
    private var applicationData = DatagramQueue(capacity: DTLSLimits.queuedDatagrams)
    private var events: [DTLSEvent] = []

    package convenience init(
        role: Role, certificate: DTLSCertificate, remoteFingerprint: DTLSFingerprint? = nil
    ) throws(DTLSFailure) {
        try self.init(
            role: role, certificate: certificate, remoteFingerprint: remoteFingerprint,
            datagramSize: DTLSLimits.datagramSize)
    }

    init(
        role: Role, certificate: DTLSCertificate, remoteFingerprint: DTLSFingerprint?, datagramSize: Int
    ) throws(DTLSFailure) {
        ERR_clear_error()
        self.role = role
        self.certificate = certificate
        self.remoteFingerprint = remoteFingerprint
        let wire = DTLSDatagramBIO()
        guard let ssl = unsafe SSL_new(certificate.context) else { throw Self.lastFailure() }
        guard let bio = unsafe wire.makeBIO() else {
            unsafe SSL_free(ssl)
            throw Self.lastFailure()
        }
        unsafe SSL_set_bio(ssl, bio, bio)
        // OpenSSL forgets what AEAD adds to a Finished when it fills a datagram.
        unsafe lk_SSL_set_mtu(ssl, datagramSize - DTLSLimits.recordExpansion)
        unsafe DTLS_set_timer_cb(ssl, DTLSDatagramBIO.timer)
        switch role {
        case .client: unsafe SSL_set_connect_state(ssl)
        case .server: unsafe SSL_set_accept_state(ssl)
        }
        self.wire = wire
        unsafe self.ssl = ssl
    }

    deinit {
        unsafe SSL_free(ssl)
    }

    // MARK: Inputs

    /// Begins the handshake: the client speaks first, the server starts waiting.
    package func start(now: MediaInstant) {
        guard phase == .idle else { return }
        phase = .handshaking
        handshakeDeadline = now + DTLSLimits.handshakeDuration
        noteFlight(wire.recordingWrites(advance), now: now)
        scheduleTimeout(now: now)
    }

    /// Takes a datagram that the demultiplexer found to be DTLS. Garbage is dropped.
    package func receive(datagram: RawSpan, now: MediaInstant) {
        guard phase != .ended, datagram.byteCount <= DTLSLimits.receivedDatagramSize else { return }
        start(now: now)
        unsafe datagram.withUnsafeBytes { bytes in
            var records = DTLSRecords()
            while phase != .ended, let record = unsafe records.next(in: bytes) {
                let content = unsafe UnsafeRawBufferPointer(rebasing: bytes[record.range])
                guard unsafe admits(record, content: content, now: now) else {
                    refusedRecords &+= 1
                    continue
                }
                if phase != .connected {
                    noteFlight(wire.recordingWrites { unsafe wire.withInbound(content, advance) }, now: now)
                } else if record.isAlert {
                    unsafe hold([UInt8](content), now: now)
                } else {
                    unsafe wire.withInbound(content, advance)
                }
            }
        }
        scheduleTimeout(now: now)
    }

    /// Encrypts a packet for the peer.
    ///
    /// - Returns: Whether it was queued; not before the peer is verified, nor after the end.
    @discardableResult
    package func send(applicationData packet: RawSpan) -> Bool {
        guard phase == .connected, !packet.isEmpty, packet.byteCount <= DTLSLimits.receivedDatagramSize else {
            return false
        }
        return withRecordBuffers {
            unsafe packet.withUnsafeBytes { bytes in
                unsafe SSL_write(ssl, bytes.baseAddress, CInt(bytes.count)) == CInt(bytes.count)
            }
        }
    }

    /// Retransmits what is due. Calling it early does no harm.
    package func handleTimeout(now: MediaInstant) {
        switch phase {
        case .idle, .ended:
            return
        case .handshaking where now < handshakeDeadline:
            noteFlight(wire.recordingWrites(retransmit), now: now)
        case .awaitingFingerprint where now < handshakeDeadline:
            break
        case .handshaking, .awaitingFingerprint:
            fail(plaintextAlert.map { .alert($0) } ?? .timedOut)
        case .connected:
            releaseAlert(now: now)
        }
        for datagram in repeater.repeated(now: now) { wire.requeue(datagram) }
        scheduleTimeout(now: now)
    }

    /// Says goodbye. Reports nothing more; what ``pollTransmit()`` still has should be sent.
    package func close() {
        guard phase != .ended else { return }
        if phase == .connected || phase == .awaitingFingerprint { sayGoodbye() }
        end()
    }

    // MARK: Outputs

    /// The next datagram for the peer.
    package func pollTransmit() -> [UInt8]? {
        wire.takeOutbound()
    }

    /// The next packet from the peer, once it is verified.
    package func pollApplicationData() -> [UInt8]? {
        phase == .connected || phase == .ended ? applicationData.take() : nil
    }

    /// The next thing to report.
    package func pollEvent() -> DTLSEvent? {
        events.isEmpty ? nil : events.removeFirst()
    }

    // MARK: Handshake

    /// Whether OpenSSL should see the record: anything once connected, and before that nothing that makes it
    /// hoard or give up on an unverified word.
    private func admits(_ record: DTLSRecords.Record, content: UnsafeRawBufferPointer, now: MediaInstant) -> Bool {
        guard phase == .handshaking else { return true }
        if record.isAlert, record.isPlaintext {
            let fatal: UInt8 = 2
            let body = unsafe content.dropFirst(DTLSRecords.Record.headerSize)
            if unsafe body.count == 2, unsafe body.first == fatal, let number = unsafe body.last {
                plaintextAlert = number
                handshakeDeadline = min(handshakeDeadline, now + DTLSLimits.durationAfterPlaintextAlert)
            }
            return false
        }
        guard !record.isPlaintext else {
            guard record.isHandshake else { return !record.isApplicationData }
            return unsafe allowance.admits(
                UnsafeRawBufferPointer(rebasing: content.dropFirst(DTLSRecords.Record.headerSize)))
        }
        earlyEncryptedBytes += content.count
        return !record.isApplicationData && earlyEncryptedBytes <= DTLSLimits.earlyEncryptedBytes
    }

    /// Lets OpenSSL go on as far as the record at hand takes it.
    private func advance() {
        ERR_clear_error()
        defer { ERR_clear_error() }
        if phase == .handshaking {
            let result = unsafe SSL_do_handshake(ssl)
            guard result == 1 else {
                if !isWaiting(after: result) { fail(Self.lastFailure()) }
                return
            }
            phase = .awaitingFingerprint
            verifyPeer()
        }
        if phase == .awaitingFingerprint || phase == .connected { withRecordBuffers(readApplicationData) }
    }

    private func retransmit() {
        ERR_clear_error()
        if unsafe lk_DTLS_handle_timeout(ssl) < 0 { fail(Self.lastFailure()) }
        ERR_clear_error()
    }

    /// Has the flight repeated that OpenSSL has just sent, if it has.
    private func noteFlight(_ flight: [[UInt8]], now: MediaInstant) {
        switch phase {
        case .handshaking:
            if !flight.isEmpty { repeater.sent(flight, times: DTLSLimits.repetitions, now: now) }
        case .awaitingFingerprint, .connected:
            // The client ends with the server's last flight, the server with its own.
            if role == .client {
                repeater.stop()
            } else if !flight.isEmpty {
                repeater.sent(flight, times: DTLSLimits.lastFlightRepetitions, now: now)
            }
        case .idle, .ended:
            repeater.stop()
        }
    }

    private func readApplicationData() {
        unsafe withUnsafeTemporaryAllocation(byteCount: DTLSLimits.receivedDatagramSize, alignment: 8) { buffer in
            while phase != .ended {
                let count = unsafe SSL_read(ssl, buffer.baseAddress, CInt(buffer.count))
                guard count > 0 else {
                    if !isWaiting(after: count) { endByPeer(count) }
                    return
                }
                unsafe applicationData.append([UInt8](buffer.prefix(Int(count))))
                repeater.stop()
            }
        }
    }

    private func isWaiting(after result: CInt) -> Bool {
        let error = unsafe SSL_get_error(ssl, result)
        return error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE
    }

    private func endByPeer(_ result: CInt) {
        guard unsafe SSL_get_error(ssl, result) == SSL_ERROR_ZERO_RETURN else { return fail(Self.lastFailure()) }
        sayGoodbye()
        // A peer that leaves before it was verified never was connected, so there is nothing to close.
        events.append(phase == .connected ? .closed : .failed(.alert(UInt8(SSL_AD_CLOSE_NOTIFY))))
        end()
    }

    /// Keeps OpenSSL from seeing an alert at once: it takes no data after a goodbye, and on a network that
    /// reorders a goodbye is no end of what was sent before it. The first of several counts.
    private func hold(_ alert: [UInt8], now: MediaInstant) {
        if heldAlert == nil { heldAlert = HeldAlert(record: alert, dueAt: now + DTLSLimits.alertDelay) }
    }

    private func releaseAlert(now: MediaInstant) {
        guard let alert = heldAlert, alert.dueAt <= now else { return }
        heldAlert = nil
        unsafe alert.record.withUnsafeBytes { unsafe wire.withInbound($0, advance) }
    }

    /// Compares the peer's certificate with its description, as soon as both are here (RFC 8122 §6.2).
    private func verifyPeer() {
        guard phase == .awaitingFingerprint, let expected = remoteFingerprint else { return }
        let peer = unsafe SSL_get1_peer_certificate(ssl)
        defer { unsafe X509_free(peer) }
        guard let peer = unsafe peer, unsafe DTLSCertificate.digest(of: peer, by: expected.algorithm) == expected.digest
        else {
            sayGoodbye()
            return fail(.fingerprintMismatch)
        }
        guard let material = exportKeyingMaterial() else {
            sayGoodbye()
            return fail(.noSRTPProfile)
        }
        phase = .connected
        deadline = repeater.deadline
        events.append(.connected(material))
    }

    /// RFC 5764 §4.2, RFC 5705.
    private func exportKeyingMaterial() -> SRTPKeyingMaterial? {
        guard let selected = unsafe SSL_get_selected_srtp_profile(ssl),
            let profile = SRTPProfile(rawValue: UInt16(truncatingIfNeeded: unsafe selected.pointee.id))
        else { return nil }
        let label = "EXTRACTOR-dtls_srtp"
        var exported = [UInt8](repeating: 0, count: SRTPKeyingMaterial.exportedSize(of: profile))
        let result = unsafe SSL_export_keying_material(
            ssl, &exported, exported.count, label, label.utf8.count, nil, 0, 0)
        guard result == 1 else { return nil }
        return SRTPKeyingMaterial(profile: profile, exported: exported, isClient: role == .client)
    }

    // MARK: End and upkeep

    /// Runs `body` with OpenSSL's record buffers, and without them when it is done: idle, they would be two
    /// thirds of a connection's memory.
    private func withRecordBuffers<Result>(_ body: () -> Result) -> Result {
        ERR_clear_error()
        unsafe SSL_alloc_buffers(ssl)
        let result = body()
        unsafe SSL_free_buffers(ssl)
        ERR_clear_error()
        return result
    }

    private func sayGoodbye() {
        _ = withRecordBuffers { unsafe SSL_shutdown(ssl) }
    }

    private func fail(_ reason: DTLSFailure) {
        guard phase != .ended else { return }
        events.append(.failed(reason))
        end()
    }

    private func end() {
        // What came from a peer that was never verified stays unseen.
        if phase != .connected { applicationData = DatagramQueue(capacity: 0) }
        phase = .ended
        repeater.stop()
        deadline = nil
    }

    private func scheduleTimeout(now: MediaInstant) {
        switch phase {
        case .idle, .ended:
            deadline = nil
        case .connected:
            deadline = .earliest(repeater.deadline, heldAlert?.dueAt)
        case .awaitingFingerprint:
            deadline = .earliest(handshakeDeadline, repeater.deadline)
        case .handshaking:
            deadline = .earliest(handshakeDeadline, repeater.deadline)
            let wait = unsafe lk_DTLS_timeout_microseconds(ssl)
            if wait >= 0 { deadline = .earliest(deadline, now + .microseconds(wait)) }
        }
    }

    private static func lastFailure() -> DTLSFailure {
        let code = ERR_peek_last_error()
        defer { ERR_clear_error() }
        // A received alert is reported as its number and an offset of 1000 (SSL_AD_REASON_OFFSET).
        let reason = Int(code & 0x7FFFFF) - 1000
        if code & (1 << 31) == 0, (0...255).contains(reason) { return .alert(UInt8(reason)) }
        return .protocolError(code)
    }
}
