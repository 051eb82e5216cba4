internal import LiveKitCore

// Moving what one machine puts out to where the next takes it in.
extension PeerConnection {
    func drainICE(now: MediaInstant) {
        while let transmit = agent.pollTransmit() {
            let path = transmit.path
            if path.transport == .udp, trusted?.remote != path.remote { onProbe?(path.remote) }
            guard let route = route(for: path) else { continue }
            output.append(transmit.bytes, to: route.destination, socket: route.socket)
        }
        while let event = agent.pollEvent() {
            switch event {
            case .resolve(let name):
                onResolve?(name)
            case .selectedPath:
                trusted = nil
                control?.select(agent.selectedPath, now: now)
                if let dtls, dtls.role == .client, sender == nil { dtls.start(now: now) }
            case .stateChanged(let iceState):
                follow(iceState)
            }
        }
    }

    private func follow(_ iceState: ICEState) {
        trusted = nil
        switch iceState {
        case .new, .closed: break
        // Also of a restart on a path that stands: its end is told then, and so is its failure. No path brings keys back.
        case .checking: if dtls?.hasEnded != true { change(to: .connecting) }
        case .connected: if sender != nil { change(to: .connected) }
        case .disconnected: change(to: .disconnected)
        case .failed: change(to: .failed)
        }
    }

    func drainDTLS(now: MediaInstant) {
        guard let dtls else { return }
        while let event = dtls.pollEvent() {
            switch event {
            case .connected(let material): connected(material, now: now)
            case .failed:
                endMedia()
                change(to: .failed)
            // The peer closes its connection; whether it leaves is for signalling, or ICE's timeouts, to say.
            case .closed:
                endMedia()
                change(to: .disconnected)
            }
        }
        while let packet = dtls.pollApplicationData() {
            sctp?.receive(packet.rawSpan, now: now)
        }
        guard let route = selectedRoute else { return }
        while let datagram = dtls.pollTransmit() {
            output.append(datagram, to: route.destination, socket: route.socket)
        }
    }

    /// Keys end with the DTLS connection that they came from.
    private func endMedia() {
        sender = nil
        receiver = nil
        control?.removeAll()
        // A due time that nothing meets any more would have the loop spin.
        reportsDueAt = nil
    }

    /// Lets go of the association and of everything over it, for another one to come.
    func abandonDTLS(now: MediaInstant) {
        guard dtls != nil else { return }
        dtls?.close()
        drainDTLS(now: now)
        dtls = nil
        endMedia()
        sctp = nil
        for (id, label) in channels { observer?.peerConnection(self, didReport: .channelClosed(id, label: label)) }
        channels.removeAll()
        change(to: .connecting)
    }

    private func connected(_ material: SRTPKeyingMaterial, now: MediaInstant) {
        do {
            let protection = try configuration.makeProtection(material)
            sender = protection.protector
            receiver = protection.opener
        } catch {
            change(to: .failed)
            return
        }
        for ssrc in Array(inbound.keys) + Array(corrections.keys) { receiver?.allow(ssrc: ssrc) }
        reportsDueAt = now + Self.firstReportDelay
        startSCTP(now: now)
        if agent.state == .connected { change(to: .connected) }
    }

    func drainSCTP(now: MediaInstant) {
        // Events first: taking a message opens the window that the packets then announce.
        while let event = sctp?.pollEvent() { report(event, now: now) }
        while let packet = sctp?.pollTransmit() {
            dtls?.send(applicationData: packet.rawSpan)
        }
    }
}
