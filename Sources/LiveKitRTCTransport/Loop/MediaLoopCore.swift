internal import CLiveKitSystem
package import LiveKitCore
package import LiveKitRTC

/// Everything that is confined to one media loop's thread: sockets, sessions, timers, the outgoing batch.
///
/// Not Sendable: code reaches it only inside a ``MediaLoop/Command``.
@safe
package final class MediaLoopCore {
    /// The clock, read once for each burst.
    package private(set) var now: MediaInstant
    /// What to add to ``now`` to get nanoseconds since 1970, fixed when the loop starts so that NTP times
    /// in sender reports advance as steadily as the media clock.
    package let wallClockOffset: Int64
    /// What everything on the loop writes its datagrams to.
    package let output = DatagramBatch()
    /// Datagrams that the kernel or a closed socket refused.
    package private(set) var sendFailures = 0
    /// Datagrams to open sockets that belonged to no session.
    package var strangers: Int { endpoints.reduce(0) { $0 &+ ($1?.strangers ?? 0) } }

    /// How long turns took that datagrams came in with.
    package var turns = TurnLatencies()

    var isRunning = true

    let epoll = lk_epoll_create()
    var streams = StreamTable()
    var relays = RelayTable()
    let streamSlab: UnsafeMutableRawBufferPointer
    private let wakeUp: CInt
    private let batch: OpaquePointer
    private let receiveSlab: UnsafeMutableRawPointer
    private var receiveSlots: [lk_datagram]
    private var sendSlots: [lk_datagram] = unsafe []
    private var timers = TimerQueue()
    private var sessions: [SessionSlot] = []
    private var freeSessions: [Int] = []
    private var touched: [Int] = []
    private var turnEnders: [any TurnEnding] = []
    private var hasReceived = false
    private var endpoints: [UDPEndpoint?] = []
    private var freeEndpoints: [Int] = []

    private struct SessionSlot {
        var session: (any MediaSession)?
        var scheduledAt: MediaInstant?
        var isTouched = false
    }

    private static let wakeUpToken: UInt64 = .max
    private static let receiveSlotSize = 2048
    private static let receiveCount = Int(LK_BATCH_MESSAGES)
    /// `recvmmsg` calls on one socket before the others have their turn.
    private static let roundsPerSocket = 4

    init(wakeUp: CInt) {
        self.wakeUp = wakeUp
        now = MediaInstant(nanoseconds: lk_monotonic_nanoseconds())
        wallClockOffset = lk_wall_nanoseconds() &- lk_monotonic_nanoseconds()
        guard let batch = unsafe lk_batch_create() else { preconditionFailure("out of memory") }
        unsafe self.batch = batch
        unsafe receiveSlab = .allocate(byteCount: Self.receiveCount * Self.receiveSlotSize, alignment: 64)
        unsafe streamSlab = .allocate(byteCount: StreamLimits.readBytes, alignment: 64)
        unsafe receiveSlots = unsafe .init(repeating: lk_datagram(), count: Self.receiveCount)
        lk_epoll_add(epoll, wakeUp, Self.wakeUpToken)
        output.flush = { [unowned self] _ in flush() }
    }

    deinit {
        unsafe lk_batch_free(batch)
        unsafe receiveSlab.deallocate()
        unsafe streamSlab.deallocate()
        lk_close(epoll)
    }

    // MARK: Sockets and sessions

    /// Takes a socket into the loop. Its number is what ``DatagramBatch/commit(_:to:socket:)`` names. With `sharing`
    /// it leads to the same sessions as another one.
    package func add(_ socket: UDPSocket, sharing other: Int? = nil) -> Int {
        let demux = other.flatMap { self.demux(of: $0) } ?? SessionDemux()
        let index = freeEndpoints.popLast() ?? endpoints.count
        if index == endpoints.count { endpoints.append(nil) }
        endpoints[index] = UDPEndpoint(socket: socket, demux: demux)
        lk_epoll_add(epoll, socket.descriptor, UInt64(index))
        return index
    }

    package func removeSocket(_ index: Int) {
        guard endpoints.indices.contains(index), let endpoint = endpoints[index] else { return }
        flush()
        lk_epoll_remove(epoll, endpoint.socket.descriptor)
        endpoints[index] = nil
        freeEndpoints.append(index)
    }

    func demux(of socket: Int) -> SessionDemux? {
        endpoints.indices.contains(socket) ? endpoints[socket]?.demux : nil
    }

    func session(_ index: Int) -> (any MediaSession)? {
        sessions.indices.contains(index) ? sessions[index].session : nil
    }

    /// Takes a session in. `ufrag` is the local ICE username fragment by which first contact on a shared
    /// socket finds it; `nil` gives the session the whole socket.
    package func add(_ session: any MediaSession, socket: Int, ufrag: String?) -> Int {
        let index = freeSessions.popLast() ?? sessions.count
        if index == sessions.count { sessions.append(SessionSlot()) }
        sessions[index] = SessionSlot(session: session)
        demux(of: socket)?.add(index, ufrag: ufrag)
        reschedule(index)
        return index
    }

    /// Makes another username fragment lead to the session, after an ICE restart.
    package func add(ufrag: String, session: Int, socket: Int) {
        demux(of: socket)?.add(session, ufrag: ufrag)
    }

    /// Forgets one whose generation is over.
    package func remove(ufrag: String, session: Int, socket: Int) {
        demux(of: socket)?.remove(ufrag: ufrag, session: session)
    }

    /// Lets answers from an address that the session sends a check to find it.
    package func expect(_ remote: TransportAddress, session: Int, socket: Int) {
        demux(of: socket)?.expect(remote, session: session)
    }

    package func removeSession(_ index: Int, socket: Int) {
        guard sessions.indices.contains(index), sessions[index].session != nil else { return }
        flush()
        demux(of: socket)?.remove(index)
        closeStreams(of: index)
        sessions[index] = SessionSlot()
        freeSessions.append(index)
    }

    /// Reads the session's deadline again, after something other than the loop itself changed it. A machine that
    /// leaves its deadline in the past must not keep the loop to itself: `floor` is what the loop puts against that.
    package func reschedule(_ index: Int, notBefore floor: MediaInstant = .start) {
        guard sessions.indices.contains(index), var deadline = sessions[index].session?.deadline else { return }
        deadline = max(deadline, floor)
        if let scheduled = sessions[index].scheduledAt, scheduled <= deadline { return }
        sessions[index].scheduledAt = deadline
        timers.schedule(index, at: deadline)
    }

    // MARK: The turn of the loop

    func waitAndReceive() {
        var tokens: (UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0, 0, 0, 0, 0)
        let timeout = millisecondsToWait()
        let ready = unsafe withUnsafeMutableBytes(of: &tokens) { raw in
            unsafe lk_epoll_wait(epoll, raw.assumingMemoryBound(to: UInt64.self).baseAddress, 8, timeout)
        }
        now = MediaInstant(nanoseconds: lk_monotonic_nanoseconds())
        unsafe withUnsafeBytes(of: &tokens) { raw in
            for index in 0..<Int(ready) {
                let token = unsafe raw.load(fromByteOffset: index * 8, as: UInt64.self)
                if token == Self.wakeUpToken {
                    lk_eventfd_drain(wakeUp)
                } else if RelayTable.isNumber(Int(token)) {
                    relays[Int(token)]?.streamIsReady(now: now)
                } else if StreamTable.isNumber(Int(token)) {
                    receiveStream(Int(token))
                } else {
                    receive(on: Int(token))
                }
            }
        }
        fireTimers()
        sweepStreams()
    }

    private func millisecondsToWait() -> CInt {
        guard let next = timers.nextDeadline else { return 1000 }
        let current = MediaInstant(nanoseconds: lk_monotonic_nanoseconds())
        let wait = next - current
        guard wait > .zero else { return 0 }
        return CInt(truncatingIfNeeded: min(wait.nanoseconds / 1_000_000 + 1, 1000))
    }

    private func receive(on index: Int) {
        for _ in 0..<Self.roundsPerSocket {
            guard endpoints.indices.contains(index), let endpoint = endpoints[index] else { return }
            for slot in 0..<Self.receiveCount {
                unsafe receiveSlots[slot].bytes = unsafe receiveSlab + slot * Self.receiveSlotSize
                unsafe receiveSlots[slot].length = UInt32(Self.receiveSlotSize)
            }
            let received = unsafe receiveSlots.withUnsafeMutableBufferPointer { slots in
                unsafe lk_udp_receive(
                    batch, endpoint.socket.descriptor, slots.baseAddress, CInt(Self.receiveCount))
            }
            guard received > 0 else { return }
            hasReceived = true
            for slot in 0..<Int(received) { unsafe deliver(receiveSlots[slot], on: endpoint) }
            if received < Self.receiveCount { return }
        }
    }

    private func deliver(_ datagram: lk_datagram, on endpoint: UDPEndpoint) {
        guard unsafe datagram.length > 0 else { return }
        let remote = unsafe TransportAddress(datagram.address)
        let bytes = unsafe UnsafeMutableRawBufferPointer(start: datagram.bytes, count: Int(datagram.length))
        let index: Int
        let isNamed: Bool
        switch unsafe endpoint.demux.session(for: bytes, from: remote) {
        case .known(let session): (index, isNamed) = (session, false)
        case .named(let session): (index, isNamed) = (session, true)
        case nil:
            endpoint.strangers &+= 1
            return
        }
        guard let session = session(index) else { return }
        if unsafe session.receive(bytes, from: remote, now: now), isNamed {
            endpoint.demux.learn(remote, session: index)
        }
        touch(index)
    }

    /// Has the session's deadline read again at the end of the turn.
    func touch(_ index: Int) {
        guard sessions.indices.contains(index), !sessions[index].isTouched else { return }
        sessions[index].isTouched = true
        touched.append(index)
    }

    private func fireTimers() {
        while let index = timers.popDue(now: now) {
            guard sessions.indices.contains(index), let session = sessions[index].session,
                let scheduled = sessions[index].scheduledAt, scheduled <= now
            else { continue }
            sessions[index].scheduledAt = nil
            if let deadline = session.deadline, deadline <= now { session.handleTimeout(now: now) }
            reschedule(index, notBefore: now + .milliseconds(1))
        }
    }

    /// Calls `ender` once when everything that came in this turn is done. Ask at most once for each turn.
    package func finishTurn(with ender: any TurnEnding) {
        turnEnders.append(ender)
    }

    func finishTurn() {
        // An ender may ask again, for work that its own work made.
        var done = 0
        while done < turnEnders.count {
            turnEnders[done].finishTurn(now: now)
            done += 1
        }
        turnEnders.removeAll(keepingCapacity: true)
        for index in touched where sessions.indices.contains(index) {
            sessions[index].isTouched = false
            reschedule(index)
        }
        touched.removeAll(keepingCapacity: true)
        flush()
        guard hasReceived else { return }
        hasReceived = false
        turns.note(MediaInstant(nanoseconds: lk_monotonic_nanoseconds()) - now)
    }

    /// Hands everything in ``output`` to the kernel, socket by socket, in the order it was written.
    package func flush() {
        repeat { sendBatch() } while drainRelays()
    }

    private func sendBatch() {
        var start = 0
        while start < output.entries.count {
            let socket = output.entries[start].socket
            var end = start
            while end < output.entries.count, output.entries[end].socket == socket { end += 1 }
            unsafe sendSlots.removeAll(keepingCapacity: true)
            if RelayTable.isNumber(socket) {
                sendThroughRelay(socket, start..<end)
            } else {
                for entry in output.entries[start..<end] {
                    unsafe stage(output.bytes(of: entry), to: entry.destination)
                }
                send(count: end - start, socket: socket)
            }
            start = end
        }
        output.removeAll()
    }

    /// Datagrams to peers behind a relay go to the relay's server instead, in the form that it wants.
    private func sendThroughRelay(_ number: Int, _ range: Range<Int>) {
        guard let relay = relays[number] else {
            sendFailures &+= range.count
            return
        }
        for entry in output.entries[range] {
            let message = unsafe relay.wrap(
                output.slot(of: entry), count: entry.length, to: entry.destination, now: now)
            if let message = unsafe message, let server = relay.server { unsafe stage(message, to: server) }
        }
        if let socket = relay.socket {
            unsafe send(count: sendSlots.count, socket: socket)
        } else {
            relay.flushStream()
        }
    }

    private func stage(_ bytes: UnsafeMutableRawBufferPointer, to destination: TransportAddress) {
        unsafe sendSlots.append(
            lk_datagram(bytes: bytes.baseAddress, length: UInt32(bytes.count), address: destination.system))
    }

    private func send(count: Int, socket: Int) {
        if StreamTable.isNumber(socket) {
            for index in 0..<count {
                let slot = unsafe sendSlots[index]
                let bytes = unsafe UnsafeRawBufferPointer(start: slot.bytes, count: Int(slot.length))
                if unsafe !enqueue(bytes, stream: socket) { sendFailures &+= 1 }
            }
            flushStream(socket)
            return
        }
        guard endpoints.indices.contains(socket), let endpoint = endpoints[socket] else {
            sendFailures &+= count
            return
        }
        let sent = unsafe sendSlots.withUnsafeBufferPointer { slots in
            unsafe lk_udp_send(
                batch, endpoint.socket.descriptor, slots.baseAddress, CInt(slots.count), &endpoint.segmentation)
        }
        sendFailures &+= count - Int(sent)
    }

    func closeAll() {
        flush()
        streams.removeAll()
        relays.removeAll()
        endpoints.removeAll()
        sessions.removeAll()
    }
}
