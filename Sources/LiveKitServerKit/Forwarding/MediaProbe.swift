internal import LiveKitCore
internal import LiveKitRTC
internal import LiveKitRTCTransport
internal import Synchronization

/// Tries whether the media port answers: a STUN check goes from a socket of its own over the loopback interface to the
/// shared media socket, through the loop's demultiplexer, and its answer comes back the same way.
///
/// What it proves is what every call needs of this machine: the kernel's sockets, the loop's turn, and its table of
/// sessions. A process that is registered but carries no media fails it.
final class MediaProbe: Sendable {
    private let answers = Atomic<Int>(0)
    private let loop: MediaLoop
    private let ends = LoopBound<Ends>()

    private struct Ends {
        let near: ProbeEnd
        let ufrag: String
        let target: TransportAddress
    }

    /// Looked at so often while an answer is waited for.
    private static let pace = Duration.milliseconds(20)

    init(loop: MediaLoop, sockets: MediaSockets) {
        self.loop = loop
        let ends = ends
        loop.execute { [weak self] core in
            // Without a socket of its own there is no probing, and no answer: the machine is out of sockets.
            guard let socket = try? UDPSocket(binding: Self.loopback(port: 0)) else { return }
            let ufrag = "probe" + String(SecureRandom.bytes(8).map { Self.letter($0) })
            let near = ProbeEnd(core: core, socket: core.add(socket)) { [weak self] _, _ in
                self?.answers.wrappingAdd(1, ordering: .releasing)
                return nil
            }
            let far = ProbeEnd(core: core, socket: sockets.ipv4) { request, remote in
                STUNMessage(
                    class: .success, method: .binding, transactionID: request.transactionID,
                    attributes: [.xorMappedAddress(remote)])
            }
            near.join(ufrag: nil)
            far.join(ufrag: ufrag)
            let target = Self.loopback(port: sockets.udpPort ?? 0)
            ends.set(Ends(near: near, ufrag: ufrag, target: target), on: core)
        }
    }

    /// Sends one check and waits for its answer.
    ///
    /// - Returns: whether it came in time.
    func answers(within limit: Duration) async -> Bool {
        let before = answers.load(ordering: .acquiring)
        let ends = ends
        loop.execute { core in
            guard let both = ends.value(on: core) else { return }
            both.near.check(ufrag: both.ufrag, at: both.target)
        }
        for _ in 0..<max(1, Int(limit / Self.pace)) {
            guard (try? await Task.sleep(for: Self.pace)) != nil else { return true }
            if answers.load(ordering: .acquiring) != before { return true }
        }
        return false
    }

    private static func loopback(port: UInt16) -> TransportAddress {
        TransportAddress(ipv4: 0x7F00_0001, port: port)
    }

    private static func letter(_ byte: UInt8) -> Character {
        Character(Unicode.Scalar(UInt8(ascii: "a") + byte % 26))
    }
}

/// One end of a ``MediaProbe``. Confined to the loop.
private final class ProbeEnd: MediaSession {
    private unowned let core: MediaLoopCore
    private let socket: Int
    private let answer: (STUNMessage, TransportAddress) -> STUNMessage?
    private var checks: UInt64 = 0
    let deadline: MediaInstant? = nil

    init(core: MediaLoopCore, socket: Int, answer: @escaping (STUNMessage, TransportAddress) -> STUNMessage?) {
        self.core = core
        self.socket = socket
        self.answer = answer
    }

    func join(ufrag: String?) {
        _ = core.add(self, socket: socket, ufrag: ufrag)
    }

    func check(ufrag: String, at remote: TransportAddress) {
        checks &+= 1
        let request = STUNMessage(
            class: .request, method: .binding, transactionID: STUNTransactionID(high: 0, low: checks),
            attributes: [.username("\(ufrag):probe")])
        core.output.append(request.encoded(), to: remote, socket: socket)
    }

    func receive(_ datagram: UnsafeMutableRawBufferPointer, from remote: TransportAddress, now: MediaInstant) -> Bool {
        guard let message = try? unsafe STUNMessage(parsing: RawSpan(_unsafeBytes: UnsafeRawBufferPointer(datagram))),
            // Only this machine has a reason to ask.
            remote.isLoopback, let response = answer(message, remote)
        else { return false }
        core.output.append(response.encoded(), to: remote, socket: socket)
        return false
    }

    func handleTimeout(now: MediaInstant) {}
}
