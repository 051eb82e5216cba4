internal import LiveKitCore
internal import LiveKitProtobuf
internal import LiveKitRTC
internal import LiveKitRTCTransport
internal import Logging

/// By which servers, and under which policy, a session's transports look for ways to the room's server.
struct GatheringPlan: Sendable {
    /// The servers' addresses, once their names are resolved.
    struct Servers: Sendable {
        var stun: [TransportAddress] = []
        var relays: [RelayServer] = []
    }

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

    /// Reads the URLs and resolves the names in them. What cannot be used is left out, with a word in the log.
    func resolve(logger: Logger) async -> Servers {
        var found = Servers()
        var trust: TLSClientContext?
        for server in servers.prefix(ClientMediaLimits.iceServers) {
            for text in server.urls.prefix(ClientMediaLimits.iceServers) {
                guard let url = ICEServerURL(text) else {
                    logger.warning("ICE server left out: its URL is not understood", metadata: ["url": "\(text)"])
                    continue
                }
                if url.kind == .turn(.tls), trust == nil { trust = makeTrust(logger: logger) }
                let addresses = await ServerName(host: url.host, port: url.port).addresses()
                if addresses.isEmpty {
                    logger.warning("ICE server left out: its name has no address", metadata: ["url": "\(text)"])
                }
                add(url, text, of: server, at: addresses, trust: trust, to: &found)
            }
        }
        if policy == .relay, found.relays.isEmpty {
            logger.error("only relays are allowed, and there is no TURN server")
        }
        return found
    }

    private func add(
        _ url: ICEServerURL, _ text: String, of server: IceServer, at addresses: [TransportAddress],
        trust: TLSClientContext?, to found: inout Servers
    ) {
        guard !addresses.isEmpty else { return }
        // A TURN server answers as a STUN server does (RFC 8656 §3.1).
        let answersBinding = url.kind == .stun || url.kind == .turn(.udp)
        if answersBinding, policy == .all, !isLocal { found.stun += addresses }
        guard case .turn(let transport) = url.kind, transport != .tls || trust != nil else { return }
        found.relays.append(
            RelayServer(
                url: text, addresses: addresses, transport: transport, username: server.username ?? "",
                password: server.credential ?? "", host: url.host, trust: trust))
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
