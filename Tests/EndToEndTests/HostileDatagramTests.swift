import Glibc
import LiveKitClient
import LiveKitCore
import Testing

@Suite("Strangers at the media port", .serialized, .timeLimit(.minutes(1)))
struct HostileDatagramTests {
    /// Sends each datagram to the port, from a socket that no client knows.
    private func spray(_ datagrams: [[UInt8]], port: UInt16) {
        let descriptor = socket(AF_INET, Int32(SOCK_DGRAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        for datagram in datagrams {
            _ = unsafe withUnsafePointer(to: &address) { pointer in
                unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { name in
                    unsafe sendto(
                        descriptor, datagram, datagram.count, 0, name, socklen_t(MemoryLayout<sockaddr_in>.size))
                }
            }
        }
    }

    private var datagrams: [[UInt8]] {
        var state: UInt64 = 42
        func random() -> UInt8 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return UInt8(truncatingIfNeeded: state >> 33)
        }
        var all: [[UInt8]] = (0..<4000).map { index in (0..<(index % 200)).map { _ in random() } }
        // A ClientHello that offers nothing but TLS_NULL, as in the attack on the DTLS race.
        all += Array(
            repeating: [
                22, 0xFE, 0xFD, 0, 0, 0, 0, 0, 0, 0, 0, 0, 54, 1, 0, 0, 42, 0, 0, 0, 0, 0, 0, 0, 42, 0xFE, 0xFD,
            ]
                + [UInt8](repeating: 7, count: 32) + [0, 0, 0, 2, 0, 0, 1, 0], count: 2000)
        // SRTP that looks right.
        all += Array(
            repeating: [0x80, 96, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1] + [UInt8](repeating: 9, count: 60), count: 2000)
        // A Binding request for a username that is nobody's.
        let request = STUNMessage(
            class: .request, method: .binding, transactionID: STUNTransactionID(high: 1, low: 2),
            attributes: [.username("nobody:else")])
        all += Array(repeating: request.encoded(key: STUNKey(password: "wrong")), count: 2000)
        return all
    }

    @Test("A call goes on while strangers send garbage, DTLS, SRTP and STUN")
    func callGoesOn() async throws {
        try await withServer { session in
            spray(datagrams, port: session.udpPort)
            let alice = try await session.join("alice")
            let bob = try await session.join("bob")
            let video = LocalVideoTrack.createBufferTrack(dimensions: Dimensions(width: 320, height: 180))
            try await alice.localParticipant.publish(videoTrack: video, options: VideoPublishOptions(simulcast: false))
            let painting = Task { await paint(video, width: 320, height: 180) }
            defer { painting.cancel() }
            let pictures = PictureCollector()
            #expect(
                await eventually {
                    let tracks = bob.remoteParticipants.values.flatMap { $0.videoTracks }
                    guard let track = tracks.first?.track as? RemoteVideoTrack else { return false }
                    track.add(videoRenderer: pictures)
                    return true
                })
            #expect(await eventually { pictures.counters.count >= 10 })
            spray(datagrams, port: session.udpPort)
            let before = pictures.counters.count
            #expect(await eventually { pictures.counters.count >= before + 30 })
            let counters = pictures.counters
            let span = Int((counters.last ?? 0) - (counters.first ?? 0)) + 1
            #expect(counters.count >= span * 9 / 10)
            await alice.disconnect()
            await bob.disconnect()
        }
    }
}
