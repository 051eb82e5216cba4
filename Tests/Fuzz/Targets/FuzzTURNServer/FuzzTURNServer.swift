internal import FuzzInput
internal import LiveKitCore
internal import LiveKitRTC

/// A TURN server under a list of commands, RFC 8656: whatever is asked in whatever order, ports are neither lost nor
/// doubled, and nobody inside is relayed to.
///
/// Each command is a byte, its argument another; the last command takes the rest of the input as a raw message.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzTURNServer(_ start: UnsafeRawPointer, _ count: Int) -> CInt {
    let bytes = unsafe [UInt8](fuzzing: start, count: count)
    var session = Session()
    var rest = bytes[...]
    while let command = rest.popFirst(), let argument = rest.popFirst() {
        session.run(command, argument, &rest)
        session.check()
    }
    return 0
}

private struct Session: ~Copyable {
    private static let ports: ClosedRange<UInt16> = 30_000...30_015
    private static let host = TransportAddress(ipv4: 0x0505_0505, port: 0)

    private var server: TURNServer
    private var now = MediaInstant.start
    private var serial: UInt64 = 0
    private var nonces: [TURNFiveTuple: String] = [:]
    private var open: Set<TURNRelayID> = []

    init() {
        let configuration = TURNServerConfiguration(
            relayHosts: [Self.host], relayPorts: Self.ports, peerFilter: TURNPeerFilter(ownHosts: [Self.host]))
        server = TURNServer(
            configuration: configuration, entropy: Array(repeating: 7, count: TURNServer.entropySize)
        ) { username, _ in TURNAccount(user: username, key: Self.key(username)) }
    }

    private static func key(_ username: String) -> STUNKey {
        STUNKey(username: username, realm: TURNCredentials.realm, password: "p")
    }

    private static func client(_ argument: UInt8) -> TURNFiveTuple {
        let transport = TURNTransport.allCases[Int(argument >> 6) % 3]
        return TURNFiveTuple(
            transport: transport, client: TransportAddress(ipv4: 0x0909_0900 | UInt32(argument & 15), port: 5),
            server: host.with(port: 3478))
    }

    /// A peer that the argument chooses, good and bad ones.
    private static func peer(_ argument: UInt8) -> TransportAddress {
        switch argument & 3 {
        case 0: TransportAddress(ipv4: 0x7F00_0001, port: UInt16(argument))
        case 1: TransportAddress(ipv6High: 0x0064_FF9B_0000_0000, low: 0x0A00_0001, port: UInt16(argument))
        default: TransportAddress(ipv4: 0x0808_0800 | UInt32(argument), port: 9)
        }
    }

    mutating func run(_ command: UInt8, _ argument: UInt8, _ rest: inout ArraySlice<UInt8>) {
        let client = Self.client(argument)
        let extra = rest.first ?? 0
        switch command % 12 {
        case 0: ask(.allocate, [.requestedTransport(17)], client)
        case 1: ask(.allocate, [.requestedTransport(17), .evenPort(reservesNext: extra & 1 == 1)], client)
        case 2: ask(.refresh, [.lifetime(UInt32(extra) * 30)], client)
        case 3: ask(.createPermission, [.xorPeerAddress(Self.peer(extra))], client)
        case 4: ask(.channelBind, [.channelNumber(0x4000 | UInt16(extra)), .xorPeerAddress(Self.peer(extra))], client)
        case 5: ask(.connect, [.xorPeerAddress(Self.peer(extra))], client)
        case 6:
            let message = message(.send, [.xorPeerAddress(Self.peer(extra)), .data([extra])], .indication)
            deliver(message.encoded(), client)
        case 7: deliver(ChannelData(number: 0x4000 | UInt16(extra), payload: [extra]).encoded(), client)
        case 8: server.receive([extra], onRelay: TURNRelayID(rawValue: Int(argument)), from: Self.peer(extra), now: now)
        case 9: server.streamClosed(client)
        case 10:
            now = now + .seconds(Int64(argument))
            server.handleTimeout(now: now)
        default:
            let message = Array(rest)
            rest = []
            deliver(message, client)
        }
        drain()
    }

    private mutating func message(
        _ method: STUNMessage.Method, _ attributes: [STUNAttribute], _ messageClass: STUNMessage.Class
    ) -> STUNMessage {
        serial += 1
        return STUNMessage(
            class: messageClass, method: method, transactionID: STUNTransactionID(high: 1, low: serial),
            attributes: attributes)
    }

    private mutating func ask(_ method: STUNMessage.Method, _ attributes: [STUNAttribute], _ client: TURNFiveTuple) {
        let user = "user\(serial % 3)"
        let credentials: [STUNAttribute] = [
            .username(user), .realm(TURNCredentials.realm), .nonce(nonces[client] ?? "none"),
        ]
        deliver(message(method, attributes + credentials, .request).encoded(key: Self.key(user)), client)
    }

    private mutating func deliver(_ bytes: [UInt8], _ client: TURNFiveTuple) {
        server.receive(bytes, from: client, now: now)
    }

    private mutating func drain() {
        while let action = server.pollAction() {
            switch action {
            case .send(let bytes, let client):
                guard !ChannelData.looksLikeChannelData(bytes.rawSpan) else { continue }
                guard let message = try? STUNMessage(parsing: bytes) else {
                    preconditionFailure("the server wrote what cannot be read")
                }
                if let nonce = message.nonce { nonces[client] = nonce }
            case .relay(_, let relay, let peer):
                precondition(open.contains(relay), "data through a relay that is not open")
                precondition(!TURNPeerFilter.isRestricted(peer), "data to a restricted peer")
            case .openRelay(let relay, _, _):
                // Every fifth port is somebody else's.
                if relay.rawValue % 5 == 0 {
                    server.relayFailed(relay, now: now)
                } else {
                    open.insert(relay)
                    server.relayOpened(relay, now: now)
                }
            case .closeRelay(let relay): open.remove(relay)
            }
        }
    }

    func check() {
        let used = server.freePorts + server.reservedPorts + server.allocationCount
        precondition(used == Self.ports.count, "a port was lost or doubled")
        precondition(open.count == server.allocationCount, "a relay without an allocation, or the reverse")
    }
}
