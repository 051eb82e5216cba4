import LiveKitCore
import Logging
import Testing

@testable import LiveKitServerKit

@Suite("Sampled logs")
struct LogSamplerTests {
    private func written(_ sampler: LogSampler, _ count: Int, _ message: String, at milliseconds: Int64) -> Int {
        (0..<count).count { _ in
            sampler.admits("\(message)", at: .info, unixMilliseconds: milliseconds)
        }
    }

    @Test("The first equal lines of a second are written, then one of so many; the next second begins anew")
    func samples() {
        let sampler = LogSampler(initial: 20, interval: 100)
        #expect(written(sampler, 20, "joined", at: 1000) == 20)
        #expect(written(sampler, 99, "joined", at: 1500) == 0)
        #expect(written(sampler, 1, "joined", at: 1999) == 1)
        #expect(written(sampler, 200, "joined", at: 1999) == 2)
        #expect(written(sampler, 30, "left", at: 1999) == 20)
        #expect(sampler.admits("joined", at: .warning, unixMilliseconds: 1999), "another level is another line")
        #expect(written(sampler, 30, "joined", at: 2000) == 20)
    }

    @Test("More different lines than can be counted are all written")
    func bounded() {
        let sampler = LogSampler(initial: 1, interval: 1000)
        let written = (0..<10_000).count { sampler.admits("line \($0)", at: .info, unixMilliseconds: 5) }
        #expect(written == 10_000)
    }

    @Test("A handler behind it is handed the lines that are left, and keeps its level and metadata")
    func handler() throws {
        let log = Lines()
        let base = JSONLogHandler(label: "livekit", level: .debug, write: { line in log.add(line) })
        let clock = ServerClock(now: { .start }, unixMilliseconds: { 5000 })
        var logger = Logger(label: "livekit") { _ in
            SampledLogHandler(base, LogSampler(initial: 2, interval: 10), clock: clock)
        }
        logger[metadataKey: "room"] = "kitchen"
        for _ in 0..<12 { logger.debug("again") }
        logger.trace("too quiet")
        #expect(log.all.count == 3 && log.all.allSatisfy { $0.contains("kitchen") })
    }

    @Test("It is off unless the configuration says otherwise")
    func configuration() throws {
        #expect(try LiveKitServerConfiguration(yaml: "").logging.sampler == nil)
        let logging = try LiveKitServerConfiguration(
            yaml: "logging: {sample: true, sample_initial: 3, sample_interval: 0}"
        ).logging
        #expect(logging.sampler != nil && logging.sampleInitial == 3 && logging.sampleInterval == 100)
    }
}
