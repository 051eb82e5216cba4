import LiveKitCore
import LiveKitRTC

/// A DTLS connection at any stage of its handshake, with datagrams of the real peer changed, lost, repeated and
/// forged.
final class DTLSTransportModel {
    private static let certificates: [DTLSCertificate] = (0..<2).compactMap { _ in
        try? DTLSCertificate()
    }

    private let tested: DTLSTransport
    private let peer: DTLSTransport
    private var now: MediaInstant = .start
    private var toTested: [[UInt8]] = []
    private var toPeer: [[UInt8]] = []
    private var isTampered = false
    private let isRightFingerprint: Bool
    private var material: (tested: SRTPKeyingMaterial?, peer: SRTPKeyingMaterial?)

    static func run(_ bytes: [UInt8]) {
        var input = CommandReader(bytes)
        guard let model = DTLSTransportModel(&input) else { return }
        var commands = 0
        while !input.isAtEnd, commands < 100 {
            model.step(&input)
            commands += 1
        }
    }

    private init?(_ input: inout CommandReader) {
        let flags = input.byte()
        isRightFingerprint = flags & 2 == 0
        let certificates = Self.certificates
        guard certificates.count == 2 else { return nil }
        let seen = certificates[isRightFingerprint ? 1 : 0].fingerprint
        guard
            let tested = try? DTLSTransport(
                role: flags & 1 == 0 ? .server : .client, certificate: certificates[0], remoteFingerprint: seen),
            let peer = try? DTLSTransport(
                role: flags & 1 == 0 ? .client : .server, certificate: certificates[1],
                remoteFingerprint: certificates[0].fingerprint)
        else { return nil }
        self.tested = tested
        self.peer = peer
        guard flags & 4 == 0 else { return }
        tested.start(now: now)
        peer.start(now: now)
        drain()
        for _ in 0..<(flags >> 3) % 32 { deliver() }
    }

    private func step(_ input: inout CommandReader) {
        switch input.number(below: 12) {
        case 0, 1, 2: deliver()
        case 3, 4: tamper(&input)
        case 5: forge(&input)
        case 6: if !toTested.isEmpty { toTested.removeFirst() }
        case 7: if !toPeer.isEmpty { toPeer.removeFirst() }
        case 8: passTime(.milliseconds(Int64(input.byte()) * 50))
        case 9:
            let data = input.block()
            _ = tested.send(applicationData: data.rawSpan)
            _ = peer.send(applicationData: data.rawSpan)
        case 10:
            tested.start(now: now)
            peer.start(now: now)
        default: if input.byte() > 240 { input.flag() ? tested.close() : peer.close() }
        }
        drain()
    }

    /// The next datagram of the peer, changed.
    private func tamper(_ input: inout CommandReader) {
        guard let datagram = toTested.first else { return }
        isTampered = true
        let changed = input.mutation(of: datagram)
        if input.flag() { toTested.removeFirst() }
        tested.receive(datagram: changed.rawSpan, now: now)
    }

    /// A record header that fits, or none at all, with any content.
    private func forge(_ input: inout CommandReader) {
        isTampered = true
        let content = input.block()
        var bytes: [UInt8] = []
        if input.flag() {
            bytes = [20 + input.byte() % 6, 0xFE, 0xFD, 0, input.byte() & 1, 0, 0, 0, 0, 0, input.byte()]
            bytes += [UInt8(content.count >> 8), UInt8(content.count & 0xFF)]
        }
        bytes += content
        tested.receive(datagram: bytes.rawSpan, now: now)
    }

    private func deliver() {
        if !toPeer.isEmpty {
            let datagram = toPeer.removeFirst()
            peer.receive(datagram: datagram.rawSpan, now: now)
        }
        if !toTested.isEmpty {
            let datagram = toTested.removeFirst()
            tested.receive(datagram: datagram.rawSpan, now: now)
        }
        drain()
    }

    private func passTime(_ duration: MediaDuration) {
        now = now + duration
        tested.handleTimeout(now: now)
        peer.handleTimeout(now: now)
    }

    private func drain() {
        while let event = tested.pollEvent() {
            guard case .connected(let keys) = event else { continue }
            precondition(isRightFingerprint, "connected to a stranger")
            material.tested = keys
        }
        while let event = peer.pollEvent() { if case .connected(let keys) = event { material.peer = keys } }
        if let ours = material.tested, let theirs = material.peer {
            precondition(ours.local == theirs.remote && ours.remote == theirs.local, "two sides with different keys")
        }
        while tested.pollApplicationData() != nil {
            precondition(material.tested != nil, "data before the fingerprint was verified")
        }
        while peer.pollApplicationData() != nil {}
        while let datagram = tested.pollTransmit() { if toPeer.count < 64 { toPeer.append(datagram) } }
        while let datagram = peer.pollTransmit() { if toTested.count < 64 { toTested.append(datagram) } }
    }
}
