import LiveKitCore
import LiveKitRTC
import Testing

@testable import LiveKitRTCTransport

/// Echoes what it gets, and counts how often its timer fires.
private final class EchoSession: MediaSession {
    let core: MediaLoopCore
    let socket: Int
    var deadline: MediaInstant?
    var fired = 0

    init(core: MediaLoopCore, socket: Int) {
        self.core = core
        self.socket = socket
        deadline = core.now + .milliseconds(5)
    }

    func receive(_ datagram: UnsafeMutableRawBufferPointer, from remote: TransportAddress, now: MediaInstant) -> Bool {
        let slot = unsafe core.output.reserve()
        unsafe slot.copyMemory(from: UnsafeRawBufferPointer(datagram))
        core.output.commit(datagram.count, to: remote, socket: socket)
        return true
    }

    func handleTimeout(now: MediaInstant) {
        fired += 1
        deadline = fired < 5 ? now + .milliseconds(5) : nil
    }
}

/// Collects what it gets.
private final class Collector: MediaSession {
    var received: [[UInt8]] = []
    var deadline: MediaInstant? { nil }

    func receive(_ datagram: UnsafeMutableRawBufferPointer, from remote: TransportAddress, now: MediaInstant) -> Bool {
        received.append(unsafe Array(datagram))
        return true
    }

    func handleTimeout(now: MediaInstant) {}
}

@Suite("Media loop on real sockets")
struct MediaLoopTests {
    private let loopback = TransportAddress(ipv4: 0x7F00_0001, port: 0)

    @Test("A burst of equal datagrams arrives whole, segmented or not, and comes back in order")
    func echoesABurst() async throws {
        let loop = MediaLoop(label: "test")
        defer { loop.stop() }
        let collector = LoopBound<Collector>()
        let echo = LoopBound<EchoSession>()
        let opened = await loop.perform { core -> Bool in
            guard let server = try? UDPSocket(binding: loopback), let client = try? UDPSocket(binding: loopback)
            else { return false }
            let serverSocket = core.add(server)
            let clientSocket = core.add(client)
            let session = EchoSession(core: core, socket: serverSocket)
            echo.set(session, on: core)
            _ = core.add(session, socket: serverSocket, ufrag: nil)
            let sink = Collector()
            collector.set(sink, on: core)
            _ = core.add(sink, socket: clientSocket, ufrag: nil)
            for index in 0..<100 {
                let size = index % 10 == 9 ? 300 : 1000
                core.output.append(
                    [UInt8](repeating: UInt8(index), count: size), to: server.localAddress, socket: clientSocket)
            }
            return true
        }
        #expect(opened == true)
        var received: [[UInt8]] = []
        for _ in 0..<200 where received.count < 100 {
            try await Task.sleep(for: .milliseconds(5))
            received = await loop.perform { collector.value(on: $0)?.received ?? [] } ?? []
        }
        #expect(received.map(\.first) == (0..<100).map { UInt8($0) })
        #expect(received.map(\.count) == (0..<100).map { $0 % 10 == 9 ? 300 : 1000 })
        let fired = await loop.perform { echo.value(on: $0)?.fired ?? 0 }
        #expect(fired == 5)
    }

    @Test func reportsATakenPort() throws {
        let first = try UDPSocket(binding: loopback)
        #expect(throws: SocketError.self) { try UDPSocket(binding: first.localAddress) }
    }
}
