internal import LiveKitCore
internal import LiveKitRTC
internal import Logging

/// Relayed candidates of one session: an allocation at each TURN server that it was told of. Confined to its loop.
final class RelayGathering {
    private final class Source {
        let link: RelayLink
        /// What ICE knows the present allocation by.
        var allocation: UInt8?

        init(_ link: RelayLink) {
            self.link = link
        }
    }

    private unowned let core: MediaLoopCore
    private unowned let connection: PeerConnection
    private let session: Int
    /// Whether candidates keep to themselves where the server sees us (RFC 8838 §17 speaks of such leaks).
    private let hidesMappedAddress: Bool
    private let onCandidate: (ICECandidate) -> Void
    private var sources: [String: Source] = [:]
    private var nextAllocation: UInt8 = 0
    private let logger = Logger(label: "livekit.relay")

    init(
        core: MediaLoopCore, connection: PeerConnection, session: Int, hidesMappedAddress: Bool,
        onCandidate: @escaping (ICECandidate) -> Void
    ) {
        self.core = core
        self.connection = connection
        self.session = session
        self.hidesMappedAddress = hidesMappedAddress
        self.onCandidate = onCandidate
    }

    /// Asks servers for allocations. Those that are in use already are left as they are.
    func gather(from servers: [RelayServer]) {
        for server in servers where sources[server.url] == nil {
            guard sources.count < RelayLimits.servers else {
                logger.warning("TURN server left out: there are too many", metadata: ["server": "\(server.url)"])
                continue
            }
            let source = Source(RelayLink(server, core: core))
            sources[server.url] = source
            unsafe source.link.onData = { [unowned self] bytes, peer, now in
                unsafe receive(bytes, from: peer, through: source, now: now)
            }
            source.link.onEvent = { [unowned self] event, now in take(event, of: source, url: server.url, now: now) }
            source.link.start()
        }
    }

    /// Gives all allocations back.
    func close() {
        for (url, source) in sources {
            logger.debug(
                "relayed address given back", metadata: ["server": "\(url)", "dropped": "\(source.link.dropped)"])
            source.link.close()
        }
        sources = [:]
    }

    private func receive(
        _ bytes: UnsafeMutableRawBufferPointer, from peer: TransportAddress, through source: Source, now: MediaInstant
    ) {
        guard let allocation = source.allocation else { return }
        _ = unsafe connection.receive(
            bytes, from: peer, over: .relay(allocation), socket: source.link.number, now: now)
        core.touch(session)
    }

    private func take(_ event: TURNClientEvent, of source: Source, url: String, now: MediaInstant) {
        switch event {
        case .allocated(let relayed, let mapped):
            logger.debug("relayed address allocated", metadata: ["server": "\(url)", "address": "\(relayed)"])
            let allocation = takeNumber()
            source.allocation = allocation
            connection.setRelay(allocation, socket: source.link.number)
            let candidate = ICECandidate(
                relayed: relayed, allocation: allocation,
                mappedAddress: hidesMappedAddress ? TransportAddress(ipv4: 0, port: 0) : mapped,
                preference: source.link.preference)
            connection.addLocalCandidate(candidate, now: now)
            onCandidate(candidate)
        case .lost(let failure):
            logger.info(
                "relayed address lost",
                metadata: ["server": "\(url)", "reason": "\(failure)", "dropped": "\(source.link.dropped)"])
            retire(source, now: now)
        case .gaveUp(let failure):
            logger.warning("TURN server given up", metadata: ["server": "\(url)", "reason": "\(failure)"])
            retire(source, now: now)
            sources[url] = nil
        case .peerRefused(let peer, let code):
            logger.debug("TURN server refuses a peer", metadata: ["peer": "\(peer)", "code": "\(code)"])
        case .connect, .closed: break
        }
        core.touch(session)
    }

    private func retire(_ source: Source, now: MediaInstant) {
        guard let allocation = source.allocation else { return }
        source.allocation = nil
        connection.relayClosed(allocation, now: now)
    }

    /// A number that no present allocation has; there are at most ``RelayLimits/servers``.
    private func takeNumber() -> UInt8 {
        repeat { nextAllocation &+= 1 } while sources.values.contains { $0.allocation == nextAllocation }
        return nextAllocation
    }
}
