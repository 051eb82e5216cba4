import LiveKitCore
import LiveKitRTC
import Testing

@Suite("Speech detection from RFC 6464 levels")
struct AudioLevelDetectorTests {
    private func at(_ milliseconds: Int64) -> MediaInstant { .start + .milliseconds(milliseconds) }

    /// Feeds packets of 20 ms and returns the state after the last one.
    private func feed(_ levels: [UInt8], to detector: inout AudioLevelDetector, from start: Int64 = 0)
        -> AudioLevelDetector.State
    {
        for (index, level) in levels.enumerated() {
            detector.observe(level: level, duration: .milliseconds(20), now: at(start + Int64(index) * 20))
        }
        return detector.state(now: at(start + Int64(levels.count) * 20))
    }

    @Test("Forty percent of a window make it active, less does not")
    func percentile() {
        for (loud, isActive) in [(7, false), (8, true), (20, true)] {
            var detector = AudioLevelDetector()
            let levels = Array(repeating: UInt8(20), count: loud) + Array(repeating: 90, count: 20 - loud)
            check(feed(levels, to: &detector).isActive == isActive)
        }
    }

    @Test("The level rises over windows towards the loudness, in eighths")
    func smoothing() {
        var detector = AudioLevelDetector()
        let full = [UInt8](repeating: 0, count: 20)
        check(feed(full, to: &detector).level == 0.75)
        check(feed(full, to: &detector, from: 400).level == 1)
        let silent = feed([UInt8](repeating: 127, count: 20), to: &detector, from: 800)
        check(silent.level == 0 && !silent.isActive)
    }

    @Test("The active share weighs the loudness")
    func weight() {
        var detector = AudioLevelDetector()
        let half = [UInt8](repeating: 0, count: 10) + [UInt8](repeating: 127, count: 10)
        check(feed(half, to: &detector).level == 0.375)
    }

    @Test("Levels above the threshold are silence")
    func threshold() {
        var detector = AudioLevelDetector()
        check(!feed([UInt8](repeating: 36, count: 20), to: &detector).isActive)
        check(feed([UInt8](repeating: 35, count: 20), to: &detector, from: 400).isActive)
    }

    @Test("Two windows without packets are silence")
    func stale() {
        var detector = AudioLevelDetector()
        _ = feed([UInt8](repeating: 0, count: 20), to: &detector)
        check(detector.state(now: at(380 + 800)).isActive)
        check(!detector.state(now: at(380 + 801)).isActive)
    }
}
