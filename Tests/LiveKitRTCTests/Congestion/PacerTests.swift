import LiveKitCore
import Testing

@testable import LiveKitRTC

@Suite("Pacer")
struct PacerTests {
    /// What left, when.
    private struct Departure: Equatable {
        var at: MediaDuration
        var byteCount: Int
        var probe: UInt16
        var isAudio = false
    }

    private static let start = MediaInstant.start + .seconds(1)

    /// Asks for what may leave each quarter of a millisecond, or whenever the pacer says.
    private static func run(
        _ pacer: inout Pacer, for duration: MediaDuration, feed: (inout Pacer, MediaInstant) -> Void = { _, _ in }
    ) -> [Departure] {
        var departures: [Departure] = []
        var now = start
        while now < start + duration {
            feed(&pacer, now)
            while let release = pacer.poll(now: now) {
                let (size, probe, isAudio) =
                    switch release {
                    case .packet(let packet, let probe): (packet.byteCount, probe, packet.kind == .audio)
                    case .padding(let size, let probe): (size, probe, false)
                    }
                departures.append(Departure(at: now - start, byteCount: size, probe: probe, isAudio: isAudio))
                pacer.noteSent(byteCount: size, probeCluster: probe, now: now)
            }
            now = min(max(pacer.deadline ?? now, now + .microseconds(1)), now + .microseconds(250))
        }
        return departures
    }

    private static func enqueueFrame(_ pacer: inout Pacer, packets: Int, now: MediaInstant) {
        for handle in 0..<packets {
            _ = pacer.enqueue(PacedPacket(handle: handle, kind: .video, byteCount: 1200), now: now)
        }
    }

    @Test("Once a probe has begun, all pictures leave as part of it, and at its rate")
    func probesHaveThePathToThemselves() throws {
        var pacer = Pacer()
        pacer.setEstimate(.kilobits(1000), now: Self.start)
        pacer.append(ProbeCluster(id: 7, rate: .kilobits(2000), requestedAt: Self.start))
        Self.enqueueFrame(&pacer, packets: 6, now: Self.start)
        let departures = Self.run(&pacer, for: .milliseconds(60))
        let first = try #require(departures.firstIndex { $0.probe == 7 })
        let last = try #require(departures.lastIndex { $0.probe == 7 })
        #expect(last - first + 1 >= ProbeCluster.minimumPackets)
        #expect(departures[first...last].allSatisfy { $0.probe == 7 })
        let carried = departures[first..<last].reduce(0) { $0 + $1.byteCount }
        let rate = try #require(Bitrate(byteCount: carried, over: departures[last].at - departures[first].at))
        #expect((0.9...1.1).contains(rate / .kilobits(2000)))
    }

    @Test("Sound waits for no probe, and counts in one that it meets")
    func soundGoesFirst() {
        var pacer = Pacer()
        pacer.setEstimate(.kilobits(1000), now: Self.start)
        pacer.append(ProbeCluster(id: 7, rate: .kilobits(2000), requestedAt: Self.start))
        Self.enqueueFrame(&pacer, packets: 6, now: Self.start)
        var spoken = 0
        let departures = Self.run(&pacer, for: .milliseconds(40)) { pacer, now in
            guard (now - Self.start) >= .milliseconds(3) * Int64(spoken + 1), spoken < 4 else { return }
            spoken += 1
            _ = pacer.enqueue(PacedPacket(handle: 100 + spoken, kind: .audio, byteCount: 120), now: now)
        }
        let sound = departures.filter(\.isAudio)
        #expect(sound.count == 4)
        let first = departures.firstIndex { $0.probe == 7 } ?? departures.endIndex
        let last = departures.lastIndex { $0.probe == 7 } ?? departures.startIndex
        #expect(first < last)
        for (index, departure) in departures.enumerated() where departure.isAudio {
            #expect(departure.probe == (first...max(first, last) ~= index ? 7 : 0))
        }
        for (index, departure) in sound.enumerated() {
            #expect(departure.at - .milliseconds(3) * Int64(index + 1) <= .milliseconds(1))
        }
    }

    @Test("After a probe what waits leaves at the estimate's pace again")
    func returnsToItsPace() throws {
        var pacer = Pacer()
        pacer.setEstimate(.kilobits(1000), now: Self.start)
        pacer.append(ProbeCluster(id: 7, rate: .kilobits(2000), requestedAt: Self.start))
        Self.enqueueFrame(&pacer, packets: 20, now: Self.start)
        let departures = Self.run(&pacer, for: .milliseconds(400))
        #expect(departures.filter { $0.byteCount == 1200 }.count == 20)
        let last = try #require(departures.lastIndex { $0.probe == 7 })
        #expect(departures[(last + 1)...].allSatisfy { $0.probe == 0 })
        #expect(pacer.queuedPackets == 0)
    }
}
