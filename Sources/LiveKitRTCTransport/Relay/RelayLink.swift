internal import CLiveKitSystem
internal import LiveKitCore
internal import LiveKitRTC

/// A ``TURNClient`` in a media loop: its socket or connection, its timers, and the number by which sessions send through
/// it. It leaves the loop by itself when the allocation was given back. Confined to its loop.
@safe
final class RelayLink: MediaSession {
    /// What the loop knows it by.
    private(set) var number = 0
    /// Takes a peer's datagram, in memory that may be changed.
    var onData: ((UnsafeMutableRawBufferPointer, TransportAddress, MediaInstant) -> Void)?
    var onEvent: ((TURNClientEvent, MediaInstant) -> Void)?
    /// The UDP socket to the server.
    private(set) var socket: Int?

    private unowned let core: MediaLoopCore
    private let configuration: RelayServer
    private var client: TURNClient
    private var stream: RelayStream?
    private var index: Int?
    private var isStreamOpen = false
    /// Frames that found no room in the stream.
    private var droppedFrames = 0

    private static let noSocket = -1

    init(_ server: RelayServer, core: MediaLoopCore) {
        self.core = core
        configuration = server
        client = TURNClient(
            addresses: server.addresses, configuration: server.configuration,
            random: DeterministicRandom(seed: SecureRandom.seed()))
        number = core.relays.add(self)
        index = core.add(self, socket: Self.noSocket, ufrag: nil)
    }

    func start() {
        client.start(now: core.now)
        drain(now: core.now)
    }

    /// Gives the allocation back, which takes until the server has answered.
    func close() {
        unsafe onData = nil
        onEvent = nil
        client.close(now: core.now)
        drain(now: core.now)
    }

    /// The server's address that is used now.
    var server: TransportAddress? { client.server }

    /// Datagrams that went nowhere: no room, no allocation, no permission.
    var dropped: Int { client.statistics.dropped &+ droppedFrames }

    /// How good the way to the server is.
    var preference: UInt16 { configuration.transport.preference }

    // MARK: Out

    /// Makes a datagram to a peer the server's. On a stream it is written at once; ``flushStream()`` follows.
    ///
    /// - Returns: The bytes to send from ``socket``.
    func wrap(
        _ slot: UnsafeMutableRawBufferPointer, count: Int, to peer: TransportAddress, now: MediaInstant
    ) -> UnsafeMutableRawBufferPointer? {
        guard let size = unsafe client.wrap(slot, count: count, to: peer, now: now) else {
            // The long way: without a channel yet.
            unsafe client.send([UInt8](slot[..<count]), to: peer, now: now)
            core.relays.note(self)
            return nil
        }
        let message = unsafe UnsafeMutableRawBufferPointer(rebasing: slot[..<size])
        guard let stream else { return unsafe message }
        unsafe write(UnsafeRawBufferPointer(message), to: stream)
        return nil
    }

    func flushStream() {
        guard let stream else { return }
        stream.flush()
        guard stream.hasOutgoing != stream.isWaitingToWrite else { return }
        stream.isWaitingToWrite = stream.hasOutgoing
        lk_epoll_modify(core.epoll, stream.descriptor, UInt64(number), stream.hasOutgoing ? 1 : 0)
    }

    private func write(_ frame: UnsafeRawBufferPointer, to stream: RelayStream) {
        if unsafe !stream.write(frame) { droppedFrames &+= 1 }
    }

    private func transmit(_ bytes: [UInt8]) {
        if let stream {
            unsafe bytes.withUnsafeBytes { unsafe write($0, to: stream) }
        } else if let socket, let server {
            core.output.append(bytes, to: server, socket: socket)
        }
    }

    // MARK: In

    func receive(
        _ datagram: UnsafeMutableRawBufferPointer, from remote: TransportAddress, now: MediaInstant
    ) -> Bool {
        if remote == server {
            unsafe receive(frame: datagram, now: now)
            drain(now: now)
        }
        return false
    }

    private func receive(frame: UnsafeMutableRawBufferPointer, now: MediaInstant) {
        if let (peer, payload) = unsafe client.unwrap(frame, now: now) {
            unsafe onData?(payload, peer, now)
        } else {
            client.receive(unsafe RawSpan(_unsafeBytes: UnsafeRawBufferPointer(frame)), now: now)
        }
    }

    /// The connection can be read, or written again.
    func streamIsReady(now: MediaInstant) {
        for _ in 0..<StreamLimits.readsPerTurn {
            guard let stream else { return }
            let slab = unsafe core.streamSlab
            let result = unsafe stream.read(into: slab) { unsafe receive(frame: $0, now: now) }
            noteStreamOpen(now: now)
            if case .more = result { continue }
            if case .closed(let failure) = result { client.connectionLost(failure, now: now) }
            break
        }
        drain(now: now)
        if let index { core.touch(index) }
    }

    private func noteStreamOpen(now: MediaInstant) {
        guard !isStreamOpen, let stream, stream.isOpen else { return }
        isStreamOpen = true
        client.connected(now: now)
    }

    // MARK: Time

    var deadline: MediaInstant? { client.deadline }

    func handleTimeout(now: MediaInstant) {
        client.handleTimeout(now: now)
        drain(now: now)
    }

    // MARK: The machine's wishes

    /// Does what the machine wants, and passes on what it has to say.
    func drain(now: MediaInstant) {
        while let event = client.pollEvent() {
            switch event {
            case .connect(let address): connect(to: address, now: now)
            case .gaveUp, .closed:
                while let bytes = client.pollTransmit() { transmit(bytes) }
                onEvent?(event, now)
                leave()
                return
            case .allocated, .lost, .peerRefused: onEvent?(event, now)
            }
        }
        while let data = client.pollReceived() {
            var payload = data.payload
            unsafe payload.withUnsafeMutableBytes { unsafe onData?($0, data.peer, now) }
        }
        while let bytes = client.pollTransmit() { transmit(bytes) }
        flushStream()
        if let index { core.reschedule(index) }
    }

    private func connect(to address: TransportAddress, now: MediaInstant) {
        disconnect()
        guard configuration.transport == .udp else { return dial(address, now: now) }
        let any = address.family == .ipv4 ? TransportAddress(ipv4: 0, port: 0) : .init(ipv6High: 0, low: 0, port: 0)
        guard let index, let opened = try? UDPSocket(binding: any) else { return client.connectionLost(now: now) }
        let number = core.add(opened)
        core.demux(of: number)?.add(index, ufrag: nil)
        socket = number
        client.connected(now: now)
    }

    private func dial(_ address: TransportAddress, now: MediaInstant) {
        do throws(TLSFailure) {
            var tls: TLSClientStream?
            if configuration.transport == .tls, let trust = configuration.trust {
                tls = try TLSClientStream(trust, host: configuration.host)
            }
            guard let opened = RelayStream(to: address, tls: tls) else { return client.connectionLost(now: now) }
            stream = opened
            lk_epoll_add(core.epoll, opened.descriptor, UInt64(number))
            lk_epoll_modify(core.epoll, opened.descriptor, UInt64(number), 1)
            noteStreamOpen(now: now)
        } catch {
            client.connectionLost(.untrusted(error.description), now: now)
        }
    }

    private func disconnect() {
        if let socket { core.removeSocket(socket) }
        socket = nil
        if let stream {
            stream.close()
            lk_epoll_remove(core.epoll, stream.descriptor)
        }
        stream = nil
        isStreamOpen = false
    }

    private func leave() {
        unsafe onData = nil
        onEvent = nil
        disconnect()
        core.relays.remove(number)
        if let index { core.removeSession(index, socket: Self.noSocket) }
        index = nil
    }
}
