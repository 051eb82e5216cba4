internal import LiveKitCore
internal import LiveKitProtobuf
internal import LiveKitRTC
internal import LiveKitRTCTransport
internal import Logging

/// By which servers, and under which policy, a session's transports look for ways to the room's server.
struct GatheringPlan: Sendable {
    /// The servers of one name, once it is resolved.
    struct Servers: Sendable {
        var stun: [TransportAddress] = []
        var relays: [RelayServer] = []
    }

    /// One URL of a server.
    private struct Source: Sendable {
        let url: ICEServerURL
        let text: String
        let server: IceServer
    }

    /// Finds the addresses of a name.
    typealias Resolver = @Sendable (ServerName) async -> [TransportAddress]

    let servers: [IceServer]
    let policy: IceTransportPolicy
    /// Whether the room's server is on this very host, where STUN has nothing to tell.
    let isLocal: Bool
    private let verifiesCertificates: Bool
    private let trustRoots: [String]

    /// The caller's servers stand in the place of those that the room's server names; either may insist on relays.
    init(
        options: ConnectOptions, offered: [Livekit_ICEServer], configuration: Livekit_ClientConfiguration, isLocal: Bool
    ) {
        servers =
            options.iceServers.isEmpty
            ? offered.map { IceServer(urls: $0.urls, username: $0.username, credential: $0.credential) }
            : options.iceServers
        policy = configuration.forceRelay == .enabled ? .relay : options.iceTransportPolicy
        self.isLocal = isLocal
        verifiesCertificates = options.verifiesCertificates
        trustRoots = options.additionalTrustRoots
    }

    /// Reads the URLs and resolves the names in them, all at once: a name that nobody answers for takes the resolver many
    /// seconds. What a name comes to is `found` as soon as it is resolved. What cannot be used is left out, with a word in
    /// the log.
    func resolve(
        logger: Logger, by resolver: @escaping Resolver = { await $0.addresses() }, _ found: (Servers) -> Void
    ) async {
        let sources = sources(logger: logger)
        let trust = sources.values.joined().contains { $0.url.kind == .turn(.tls) } ? makeTrust(logger: logger) : nil
        var hasRelay = false
        await withTaskGroup(of: (ServerName, [TransportAddress]).self) { group in
            for name in sources.keys { group.addTask { (name, await resolver(name)) } }
            for await (name, addresses) in group {
                guard !addresses.isEmpty else {
                    logger.warning("ICE server left out: its name has no address", metadata: ["host": "\(name.host)"])
                    continue
                }
                let servers = servers(sources[name] ?? [], at: addresses, trust: trust)
                hasRelay = hasRelay || !servers.relays.isEmpty
                found(servers)
            }
        }
        if policy == .relay, !hasRelay { logger.error("only relays are allowed, and there is no TURN server") }
    }

    private func sources(logger: Logger) -> [ServerName: [Source]] {
        var sources: [ServerName: [Source]] = [:]
        for server in servers.prefix(ClientMediaLimits.iceServers) {
            for text in server.urls.prefix(ClientMediaLimits.iceServers) {
                guard let url = ICEServerURL(text) else {
                    logger.warning("ICE server left out: its URL is not understood", metadata: ["url": "\(text)"])
                    continue
                }
                let source = Source(url: url, text: text, server: server)
                sources[ServerName(host: url.host, port: url.port), default: []].append(source)
            }
        }
        return sources
    }

    private func servers(
        _ sources: [Source], at addresses: [TransportAddress], trust: TLSClientContext?
    ) -> Servers {
        var found = Servers()
        for source in sources {
            let kind = source.url.kind
            // A TURN server answers as a STUN server does (RFC 8656 §3.1).
            let answersBinding = kind == .stun || kind == .turn(.udp)
            if answersBinding, policy == .all, !isLocal { found.stun += addresses }
            guard case .turn(let transport) = kind, transport != .tls || trust != nil else { continue }
            found.relays.append(
                RelayServer(
                    url: source.text, addresses: addresses, transport: transport,
                    username: source.server.username ?? "", password: source.server.credential ?? "",
                    host: source.url.host, trust: trust))
        }
        return found
    }

    private func makeTrust(logger: Logger) -> TLSClientContext? {
        do throws(TLSFailure) {
            return try TLSClientContext(verifiesCertificates: verifiesCertificates, roots: trustRoots)
        } catch {
            logger.warning("TURN over TLS left out", metadata: ["reason": "\(error)"])
            return nil
        }
    }
}
