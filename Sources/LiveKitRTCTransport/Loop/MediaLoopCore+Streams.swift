internal import CLiveKitSystem
package import LiveKitCore
internal import LiveKitRTC

// ICE over TCP (RFC 6544): connections that are accepted or dialled, and carry datagrams in frames (RFC 4571).
extension MediaLoopCore {
    /// Listens for the sessions of a UDP socket. Accepted connections find them by username fragment.
    package func add(_ listener: TCPListener, sharing socket: Int) {
        guard let demux = demux(of: socket) else { return }
        let number = streams.add(listener, demux: demux)
        lk_epoll_add(epoll, listener.descriptor, UInt64(number))
    }

    /// Opens a connection for the session. What is sent before it stands waits.
    ///
    /// - Returns: Its number, or `nil` when the system or a limit refuses.
    package func dial(_ remote: TransportAddress, session: Int) -> Int? {
        guard streams.count < StreamLimits.connections else { return nil }
        let descriptor = lk_tcp_connect(remote.system)
        guard descriptor >= 0 else { return nil }
        let connection = TCPConnection(
            descriptor: descriptor, remote: remote, demux: nil, session: session, now: now)
        return watch(connection, wantsWrite: true)
    }

    private func watch(_ connection: TCPConnection, wantsWrite: Bool) -> Int {
        let number = streams.add(connection)
        connection.isWaitingToWrite = wantsWrite
        lk_epoll_add(epoll, connection.descriptor, UInt64(number))
        if wantsWrite { lk_epoll_modify(epoll, connection.descriptor, UInt64(number), 1) }
        return number
    }

    // MARK: The turn of the loop

    func receiveStream(_ number: Int) {
        if let index = StreamTable.listenerIndex(number) {
            accept(on: index)
        } else if let connection = streams[number] {
            read(connection, number: number)
            write(connection, number: number)
        }
    }

    private func accept(on index: Int) {
        for _ in 0..<StreamLimits.acceptsPerTurn {
            guard streams.listeners.indices.contains(index), let entry = streams.listeners[index] else { return }
            var remote = lk_address()
            let descriptor = unsafe lk_tcp_accept(entry.listener.descriptor, &remote)
            if descriptor == -2 {
                // A connection that cannot be taken keeps the listener ready: do not spin, wait for the next sweep.
                lk_epoll_remove(epoll, entry.listener.descriptor)
                streams.setPaused(true, listener: index)
            }
            guard descriptor >= 0 else { return }
            guard streams.count < StreamLimits.connections else {
                lk_close(descriptor)
                continue
            }
            if let oldest = streams.crowdedOut { closeStream(oldest) }
            let connection = TCPConnection(
                descriptor: descriptor, remote: TransportAddress(remote), demux: entry.demux, session: nil, now: now)
            _ = watch(connection, wantsWrite: false)
        }
    }

    private func read(_ connection: TCPConnection, number: Int) {
        for _ in 0..<StreamLimits.readsPerTurn {
            let slab = unsafe streamSlab
            let result = unsafe connection.read(into: slab, now: now) { frame in
                unsafe deliver(frame, on: connection, number: number)
            }
            switch result {
            case .blocked: return
            case .more: continue
            case .closed:
                closeStream(number)
                return
            }
        }
    }

    private func deliver(_ frame: UnsafeMutableRawBufferPointer, on connection: TCPConnection, number: Int) {
        guard let index = unsafe session(of: connection, frame: frame, number: number),
            let session = session(index)
        else { return }
        if unsafe session.receive(frame, from: connection.remote, stream: number, now: now), !connection.isProven {
            connection.isProven = true
            streams.proved(number)
        }
        touch(index)
    }

    /// The session of the connection; its first message has to name one.
    private func session(of connection: TCPConnection, frame: UnsafeMutableRawBufferPointer, number: Int) -> Int? {
        if !connection.isProven {
            connection.framesBeforeProof += 1
            guard connection.framesBeforeProof <= StreamLimits.unprovenFrames else { return nil }
        }
        if let session = connection.session { return session }
        guard let session = unsafe connection.demux?.session(named: UnsafeRawBufferPointer(frame)) else { return nil }
        streams.assign(number, to: session)
        return session
    }

    /// Ends a connection and tells its session.
    func closeStream(_ number: Int) {
        guard let connection = streams.remove(number) else { return }
        lk_epoll_remove(epoll, connection.descriptor)
        guard let index = connection.session, let session = session(index) else { return }
        session.streamClosed(number, remote: connection.remote, now: now)
        touch(index)
    }

    func closeStreams(of session: Int) {
        for number in streams.connections(of: session) {
            guard let connection = streams.remove(number) else { continue }
            connection.flush()
            lk_epoll_remove(epoll, connection.descriptor)
        }
    }

    /// Closes what took too long, and takes up listening where it was interrupted.
    func sweepStreams() {
        guard now >= streams.nextSweepAt else { return }
        streams.nextSweepAt = now + StreamLimits.sweepInterval
        for number in streams.numbers where streams[number]?.isOverdue(now: now) ?? false { closeStream(number) }
        for (index, entry) in streams.listeners.enumerated() {
            guard let entry, entry.isPaused else { continue }
            streams.setPaused(false, listener: index)
            lk_epoll_add(epoll, entry.listener.descriptor, UInt64(StreamTable.listenerNumber(index)))
        }
    }

    // MARK: Sending

    /// Queues a datagram on a connection; ``flushStream(_:)`` follows.
    func enqueue(_ datagram: UnsafeRawBufferPointer, stream number: Int) -> Bool {
        unsafe streams[number]?.enqueue(datagram) ?? false
    }

    func flushStream(_ number: Int) {
        if let connection = streams[number] { write(connection, number: number) }
    }

    private func write(_ connection: TCPConnection, number: Int) {
        connection.flush()
        guard connection.hasOutgoing != connection.isWaitingToWrite, streams[number] != nil else { return }
        connection.isWaitingToWrite = connection.hasOutgoing
        lk_epoll_modify(epoll, connection.descriptor, UInt64(number), connection.hasOutgoing ? 1 : 0)
    }
}
