internal import Foundation

/// What the kernel says of this machine: `/proc/stat`, `/proc/loadavg`, `/proc/meminfo` (proc(5)). A file that is not
/// there, or not as expected, leaves zeros.
struct SystemLoad: Equatable, Sendable {
    /// Ticks of all processors since the start: those that worked, and all of them.
    var busyTicks: UInt64 = 0
    var allTicks: UInt64 = 0
    /// Processes that run or want to, on average over 1, 5 and 15 minutes.
    var averages: [Float] = [0, 0, 0]
    /// In bytes.
    var memory: UInt64 = 0
    var availableMemory: UInt64 = 0

    static func current() -> SystemLoad {
        func text(_ name: String) -> String { (try? String(contentsOfFile: "/proc/" + name, encoding: .utf8)) ?? "" }
        return SystemLoad(stat: text("stat"), averages: text("loadavg"), memory: text("meminfo"))
    }

    init(stat: String, averages: String, memory: String) {
        let ticks = stat.prefix { $0 != "\n" }.split(separator: " ").dropFirst().compactMap { UInt64($0) }
        // user nice system idle iowait irq softirq steal; what follows is part of the first two.
        if ticks.count >= 5 {
            allTicks = ticks.prefix(8).reduce(0, &+)
            busyTicks = allTicks &- ticks[3] &- ticks[4]
        }
        let loads = averages.split(separator: " ").prefix(3).compactMap { Float($0) }
        if loads.count == 3 { self.averages = loads }
        for line in memory.split(separator: "\n") {
            let words = line.split(separator: " ")
            guard words.count >= 2, let kibibytes = UInt64(words[1]) else { continue }
            if words[0] == "MemTotal:" { self.memory = kibibytes &* 1024 }
            if words[0] == "MemAvailable:" { availableMemory = kibibytes &* 1024 }
        }
    }

    /// How much of the processors' time was used since an earlier reading, 0...1.
    func cpuLoad(since earlier: SystemLoad) -> Float {
        guard allTicks > earlier.allTicks, busyTicks >= earlier.busyTicks else { return 0 }
        return min(1, Float(busyTicks - earlier.busyTicks) / Float(allTicks - earlier.allTicks))
    }
}
