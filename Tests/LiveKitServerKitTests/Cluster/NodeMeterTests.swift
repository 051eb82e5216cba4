import LiveKitProtobuf
import Testing

@testable import LiveKitServerKit

@Suite("How a node measures itself")
struct NodeMeterTests {
    @Test("The kernel's files are read")
    func reads() {
        let first = SystemLoad(
            stat: "cpu  100 0 50 800 50 0 0 0 7 0\ncpu0 1 2 3 4 5\n", averages: "0.52 1.50 2.25 1/234 5678\n",
            memory: "MemTotal:       2048 kB\nMemFree:  1 kB\nMemAvailable:    512 kB\n")
        #expect(first.averages == [0.52, 1.5, 2.25])
        #expect(first.memory == 2048 * 1024 && first.availableMemory == 512 * 1024)
        #expect(first.allTicks == 1000 && first.busyTicks == 150)
        let second = SystemLoad(stat: "cpu 200 0 100 900 50 0 0 0", averages: "", memory: "")
        #expect(second.cpuLoad(since: first) == 150.0 / 250)
        #expect(first.cpuLoad(since: second) == 0)
        #expect(first.cpuLoad(since: first) == 0)
    }

    @Test("What is not as expected leaves zeros", arguments: ["", "cpu", "cpu a b c", "MemTotal:", "\n\n", "1 2"])
    func survives(_ text: String) {
        let load = SystemLoad(stat: text, averages: text, memory: text)
        #expect(load.allTicks == 0 && load.memory == 0 && load.averages == [0, 0, 0])
    }

    @Test("Rates are over the last ten seconds or a little more")
    func takesRates() throws {
        func stats(_ second: Int64, bytes: UInt64, load: Float) -> Livekit_NodeStats {
            var stats = Livekit_NodeStats()
            (stats.updatedAt, stats.bytesIn, stats.cpuLoad) = (second, bytes, load)
            return stats
        }
        let earlier = [
            stats(98, bytes: 0, load: 9), stats(100, bytes: 500, load: 9), stats(106, bytes: 800, load: 0.2),
        ]
        let now = stats(111, bytes: 1600, load: 0.4)
        let rate = try #require(Livekit_NodeStatsRate(until: now, among: earlier))
        #expect(rate.startedAt == 100 && rate.endedAt == 111 && rate.duration == 11)
        #expect(rate.bytesIn == 100)
        #expect(abs(rate.cpuLoad - 0.3) < 0.001)
        #expect(Livekit_NodeStatsRate(until: stats(107, bytes: 0, load: 0), among: earlier) == nil)
    }

    @Test("A measurement of this machine")
    func measures() async {
        let totals = NodeTotals()
        var tally = MediaTally()
        tally.bytesReceived = 7
        totals.add(tally)
        totals.hear(.participantJoined(ParticipantSID(rawValue: "PA_x"), identity: "x"))
        let stats = await NodeMeter(totals, clock: .system).measure()
        #expect(stats.numCpus > 0 && stats.memoryTotal > stats.memoryUsed && stats.memoryUsed > 0)
        #expect(stats.bytesIn == 7 && stats.participantSignalConnected == 1)
        #expect(stats.startedAt > 0 && stats.updatedAt >= stats.startedAt)
        #expect((0...1).contains(stats.cpuLoad))
    }
}
