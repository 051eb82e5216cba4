package import LiveKitCore

/// The four-way handshake, also when both sides begin it, or one of them begins again.
///
/// - SeeAlso: [RFC 9260 §5](https://www.rfc-editor.org/rfc/rfc9260#section-5).
extension SCTPAssociation {
    /// Begins the handshake. Both sides may; the two attempts become one association.
    package mutating func connect(now: MediaInstant) {
        advanceClock(to: now)
        guard case .closed = state else { return }
        var wait = CookieWait(tag: newTag(), initialTSN: newTSN(), timer: BackoffTimer())
        wait.timer.start(now: now, timeout: RetransmissionTimeout(configuration: configuration.ofHandshake))
        state = .cookieWait(wait)
        sendInit(wait)
    }

    mutating func handleHandshakeTimeout(now: MediaInstant) {
        let timeout = RetransmissionTimeout(configuration: configuration.ofHandshake)
        switch state {
        case .cookieWait(var wait):
            guard wait.timer.expire(now: now, timeout: timeout) else { return }
            state = .cookieWait(wait)
            if isHopeless(wait.timer) { return end(.unresponsive, cause: nil) }
            sendInit(wait)
        case .cookieEchoed(var echoed):
            guard echoed.timer.expire(now: now, timeout: timeout) else { return }
            state = .cookieEchoed(echoed)
            if isHopeless(echoed.timer) { return end(.unresponsive, cause: nil) }
            sendControl([.cookieEcho(CookieEchoChunk(cookie: echoed.cookie))])
        case .closed, .established, .shutdownPending, .shutdownSent, .shutdownReceived, .shutdownAckSent, .ended:
            return
        }
    }

    func isHopeless(_ timer: BackoffTimer) -> Bool {
        configuration.maximumRetransmissions.map { timer.expirations > $0 } ?? false
    }

    // MARK: Chunks

    /// RFC 9260 §5.1 B, §5.2.1 and §5.2.2: answer, and remember nothing but in the cookie.
    mutating func receive(_ chunk: InitChunk) {
        let description = chunk.description
        guard description.initiateTag != 0 else { return }
        guard description.inboundStreams > 0, description.outboundStreams > 0 else {
            let cause = SCTPErrorCause(.invalidParameter)
            return sendControl([.abort(AbortChunk(causes: [cause]))], tag: description.initiateTag)
        }
        var unrecognized: [SCTPParameter] = []
        let peer = agreed(PeerDescription(description, unrecognized: &unrecognized))
        var cookie = AssociationCookie(
            madeAt: clock, localTag: newTag(), localInitialTSN: newTSN(), peer: peer, tieTag: 0)
        switch state {
        case .ended:
            return
        case .shutdownAckSent:
            return sendControl([.shutdownAck(ShutdownAckChunk())])
        case .closed:
            break
        case .cookieWait(let wait):
            // Both began: the answer is what our own INIT said.
            cookie.localTag = wait.tag
            cookie.localInitialTSN = wait.initialTSN
        case .cookieEchoed:
            guard let control else { return }
            cookie.localTag = control.localTag
            cookie.localInitialTSN = control.retransmission.lastAssignedTSN.advanced(by: 1)
            cookie.tieTag = control.tieTag
        case .established, .shutdownPending, .shutdownSent, .shutdownReceived:
            // Perhaps the peer lost its state. Its cookie will tell.
            cookie.tieTag = control?.tieTag ?? 0
        }
        let parameters =
            [.stateCookie(StateCookieParameter(cookie: cookie.encoded(key: cookieKey)))] + unrecognized.prefix(8)
        let answer = associationDescription(
            tag: cookie.localTag, initialTSN: cookie.localInitialTSN, parameters: parameters)
        sendControl([.initiationAck(InitAckChunk(answer))], tag: peer.tag)
    }

    /// RFC 9260 §5.1 C.
    mutating func receive(_ chunk: InitAckChunk, now: MediaInstant) {
        guard case .cookieWait(let wait) = state else { return }
        let description = chunk.description
        guard description.initiateTag != 0, description.inboundStreams > 0, description.outboundStreams > 0 else {
            return end(.protocolViolation, cause: SCTPErrorCause(.invalidParameter))
        }
        var cookie: [UInt8]?
        for case .stateCookie(let parameter) in description.parameters { cookie = parameter.cookie }
        guard let cookie else { return end(.protocolViolation, cause: SCTPErrorCause(.missingParameter)) }
        var unrecognized: [SCTPParameter] = []
        let peer = agreed(PeerDescription(description, unrecognized: &unrecognized))
        establishControl(localTag: wait.tag, localInitialTSN: wait.initialTSN, peer: peer, now: now)
        var timer = BackoffTimer()
        timer.start(now: now, timeout: RetransmissionTimeout(configuration: configuration.ofHandshake))
        state = .cookieEchoed(CookieEchoed(cookie: cookie, timer: timer, staleCookies: wait.staleCookies))
        sendControl([.cookieEcho(CookieEchoChunk(cookie: cookie))])
    }

    /// RFC 9260 §5.1 D and §5.2.4.
    ///
    /// - Returns: whether the cookie was good, so that the rest of the packet counts.
    mutating func receive(_ chunk: CookieEchoChunk, tag: UInt32, now: MediaInstant) -> Bool {
        guard !isEnded, let cookie = try? AssociationCookie(parsing: chunk.cookie, key: cookieKey),
            cookie.localTag == tag, isFresh(cookie)
        else { return false }
        if let control {
            switch (control.localTag == cookie.localTag, control.peer.tag == cookie.peer.tag) {
            case (true, true):  // D: the handshake as usual, or a repeated COOKIE ECHO.
                break
            case (true, false):  // B: both began, and the peer's INIT ACK that we have is not of its newest INIT.
                guard case .cookieEchoed = state else { return false }
                establishControl(cookie, now: now)
            case (false, false) where cookie.tieTag == control.tieTag:  // A: the peer began again.
                if case .shutdownAckSent = state {
                    sendControl([
                        .shutdownAck(ShutdownAckChunk()),
                        .error(ErrorChunk(causes: [SCTPErrorCause(.cookieDuringShutdown)])),
                    ])
                    return false
                }
                restart()
                establishControl(cookie, now: now)
            case (false, _):  // C: a late cookie.
                return false
            }
        } else {
            if case .cookieWait(let wait) = state, wait.tag != cookie.localTag { return false }
            establishControl(cookie, now: now)
        }
        sendControl([.cookieAck(CookieAckChunk())])
        becomeEstablished()
        return true
    }

    /// A cookie past its lifetime is refused, unless it is the one that made this association (RFC 9260 §5.2.4).
    private mutating func isFresh(_ cookie: AssociationCookie) -> Bool {
        if let control, control.localTag == cookie.localTag, control.peer.tag == cookie.peer.tag { return true }
        let age = clock - cookie.madeAt
        guard age > configuration.cookieLifetime else { return true }
        var staleness = ByteWriter(capacity: 4)
        staleness.write(UInt32(clamping: (age - configuration.cookieLifetime).microseconds))
        let cause = SCTPErrorCause(.staleCookie, information: staleness.bytes)
        sendControl([.error(ErrorChunk(causes: [cause]))], tag: cookie.peer.tag)
        return false
    }

    /// The peer says that our COOKIE ECHO came too late, so the handshake begins again (RFC 9260 §5.2.6).
    mutating func receive(_ chunk: ErrorChunk) {
        guard case .cookieEchoed(let echoed) = state, let control,
            chunk.causes.contains(where: { $0.code == .staleCookie })
        else { return }
        guard echoed.staleCookies < SCTPLimits.staleCookies else { return end(.unresponsive, cause: nil) }
        var wait = CookieWait(
            tag: control.localTag, initialTSN: control.retransmission.lastAssignedTSN.advanced(by: 1),
            timer: BackoffTimer(), staleCookies: echoed.staleCookies + 1)
        wait.timer.start(now: clock, timeout: RetransmissionTimeout(configuration: configuration))
        self.control = nil
        state = .cookieWait(wait)
        sendInit(wait)
    }

    /// The handshake is complete: by COOKIE ACK, by the peer's cookie, or by data that only a peer that
    /// accepted our cookie can send.
    mutating func becomeEstablished() {
        switch state {
        case .closed, .cookieWait, .cookieEchoed: break
        case .established, .shutdownPending, .shutdownSent, .shutdownReceived, .shutdownAckSent, .ended: return
        }
        state = .established
        events.append(.connected)
        announceWaitingChannels()
    }

    // MARK: Parts

    private mutating func establishControl(_ cookie: AssociationCookie, now: MediaInstant) {
        establishControl(
            localTag: cookie.localTag, localInitialTSN: cookie.localInitialTSN, peer: cookie.peer, now: now)
    }

    private mutating func establishControl(
        localTag: UInt32, localInitialTSN: TSN, peer: PeerDescription, now: MediaInstant
    ) {
        control = TransmissionControl(
            localTag: localTag, localInitialTSN: localInitialTSN, peer: peer, tieTag: random.next() | 1,
            configuration: configuration, now: now)
        sendQueue.isInterleaved = peer.capabilities.contains(.interleaving)
    }

    /// The peer as far as we go along with it.
    private func agreed(_ peer: PeerDescription) -> PeerDescription {
        var peer = peer
        if !configuration.offersInterleaving { peer.capabilities.remove(.interleaving) }
        return peer
    }

    /// The peer lost its state, and with it all channels.
    private mutating func restart() {
        sendQueue = SendQueue()
        for id in channels.keys.sorted(by: { $0.rawValue < $1.rawValue }) { events.append(.channelClosed(id)) }
        channels.removeAll()
        unresetChannels.removeAll()
        events.append(.restarted)
        state = .closed
        control = nil
    }

    private mutating func sendInit(_ wait: CookieWait) {
        let description = associationDescription(tag: wait.tag, initialTSN: wait.initialTSN, parameters: [])
        sendControl([.initiation(InitChunk(description))], tag: 0)
    }

    private func associationDescription(
        tag: UInt32, initialTSN: TSN, parameters: [SCTPParameter]
    ) -> AssociationDescription {
        var all = parameters
        all.append(.forwardTSNSupported(ForwardTSNSupportedParameter()))
        var extensions = [ReconfigurationChunk.type, ForwardTSNChunk.type]
        if configuration.offersInterleaving {
            extensions += [InterleavedDataChunk.type, InterleavedForwardTSNChunk.type]
        }
        all.append(.supportedExtensions(SupportedExtensionsParameter(chunkTypes: extensions)))
        if configuration.acceptsZeroChecksum {
            all.append(.zeroChecksumAcceptable(ZeroChecksumAcceptableParameter()))
        }
        return AssociationDescription(
            initiateTag: tag, receiverWindow: UInt32(clamping: configuration.receiveWindow),
            outboundStreams: SCTPLimits.streams, inboundStreams: SCTPLimits.streams, initialTSN: initialTSN,
            parameters: all)
    }

    private mutating func newTag() -> UInt32 {
        UInt32.random(in: 1...UInt32.max, using: &random)
    }

    private mutating func newTSN() -> TSN {
        configuration.initialTSN ?? TSN(rawValue: UInt32.random(in: 0...UInt32.max, using: &random))
    }
}
