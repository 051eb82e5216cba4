package import LiveKitCore
internal import LiveKitRTC

/// Asks STUN servers at which address the world sees one of this host's, and finds out whether it can be reached
/// there: a NAT that only lets answers in is of no use to a server. Confined to its loop.
final class ExternalAddressProbe: MediaSession {
    /// The whole may take so long; LiveKit waits as long for its own.
    private static let patience: MediaDuration = .seconds(5)
    /// A datagram that has not come back by then does not come.
    private static let validationTime: MediaDuration = .seconds(1)

    private let core: MediaLoopCore
    private let local: UDPSocket
    private let socket: Int
    private let outside: Int
    private var index: Int?
    private var discovery: STUNDiscovery
    private let validates: Bool
    private var candidate: TransportAddress?
    private var endsAt: MediaInstant
    private let token = SecureRandom.bytes(32)
    private var onResult: ((TransportAddress?) -> Void)?

    /// Opens two sockets: one on `address`, and one to try to reach it from.
    init(
        _ address: TransportAddress, servers: [TransportAddress], validates: Bool, core: MediaLoopCore,
        onResult: @escaping (TransportAddress?) -> Void
    ) throws(SocketError) {
        self.core = core
        self.validates = validates
        self.onResult = onResult
        local = try UDPSocket(binding: address.with(port: 0))
        let other = try UDPSocket(binding: address.with(port: 0))
        socket = core.add(local)
        outside = core.add(other)
        discovery = STUNDiscovery(
            servers: servers.filter { $0.family == address.family },
            random: DeterministicRandom(seed: SecureRandom.seed()))
        endsAt = core.now + Self.patience
        index = core.add(self, socket: socket, ufrag: nil)
        discovery.start(now: core.now)
        send()
        if let index { core.reschedule(index) }
    }

    var deadline: MediaInstant? {
        onResult == nil ? nil : .earliest(candidate == nil ? discovery.deadline : nil, endsAt)
    }

    func receive(
        _ datagram: UnsafeMutableRawBufferPointer, from remote: TransportAddress, now: MediaInstant
    ) -> Bool {
        if candidate != nil, unsafe datagram.elementsEqual(token) {
            finish(with: candidate)
        } else {
            _ = unsafe discovery.receive(
                RawSpan(_unsafeBytes: UnsafeRawBufferPointer(datagram)), from: remote, now: now)
            take(now: now)
        }
        return false
    }

    func handleTimeout(now: MediaInstant) {
        if now >= endsAt { finish(with: nil) }
        discovery.handleTimeout(now: now)
        send()
        take(now: now)
    }

    private func take(now: MediaInstant) {
        while let event = discovery.pollEvent() {
            guard candidate == nil, case .mapped(let seen, _) = event else { continue }
            let address = seen.with(port: 0)
            if !validates || address == local.localAddress.with(port: 0) {
                finish(with: address)
            } else {
                validate(address, now: now)
            }
        }
        if candidate == nil, discovery.isFinished { finish(with: nil) }
    }

    private func validate(_ address: TransportAddress, now: MediaInstant) {
        candidate = address
        endsAt = now + Self.validationTime
        core.output.append(token, to: address.with(port: local.localAddress.port), socket: outside)
    }

    private func send() {
        while let request = discovery.pollTransmit() {
            core.output.append(request.bytes, to: request.server, socket: socket)
        }
    }

    private func finish(with address: TransportAddress?) {
        onResult?(address)
        onResult = nil
    }

    /// Leaves the loop.
    func close() {
        finish(with: nil)
        if let index { core.removeSession(index, socket: socket) }
        index = nil
        core.removeSocket(socket)
        core.removeSocket(outside)
    }
}

/// Where the world sees this host (`rtc.use_external_ip`).
package enum ExternalAddresses {
    /// Asks `servers` for each of the addresses at once.
    ///
    /// - Returns: the external address of each that has one; an address that the world sees as it is has itself.
    package static func discover(
        for addresses: [TransportAddress], servers: [TransportAddress], validates: Bool, on loop: MediaLoop
    ) async -> [TransportAddress: TransportAddress] {
        await withTaskGroup(of: (TransportAddress, TransportAddress?).self) { group in
            for address in addresses {
                group.addTask {
                    (address, await discover(for: address, servers: servers, validates: validates, on: loop))
                }
            }
            var found: [TransportAddress: TransportAddress] = [:]
            for await (address, external) in group { found[address] = external }
            return found
        }
    }

    private static func discover(
        for address: TransportAddress, servers: [TransportAddress], validates: Bool, on loop: MediaLoop
    ) async -> TransportAddress? {
        let place = LoopBound<ExternalAddressProbe>()
        let (results, end) = AsyncStream.makeStream(of: TransportAddress?.self, bufferingPolicy: .bufferingNewest(1))
        loop.execute { core in
            do throws(SocketError) {
                let probe = try ExternalAddressProbe(
                    address, servers: servers, validates: validates, core: core
                ) { result in
                    end.yield(result)
                    end.finish()
                }
                place.set(probe, on: core)
            } catch {
                end.finish()
            }
        }
        var result: TransportAddress?
        for await found in results { result = found }
        loop.execute { core in
            place.value(on: core)?.close()
            place.set(nil, on: core)
        }
        return result
    }
}
