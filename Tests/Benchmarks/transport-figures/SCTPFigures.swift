internal import Glibc
internal import LiveKitCore
internal import LiveKitRTC

/// The figures of data channels: how much they carry, and that nothing of it is lost.
enum SCTPFigures {
    /// Bits of messages each second, over seeds, on the paths that others publish theirs on. Where nothing is left to
    /// chance one seed stands for all.
    static func throughput(seeds: ClosedRange<UInt64>) -> [String] {
        let round = MediaDuration.milliseconds(30)
        return [
            throughput(
                "1 % loss, RTT 60 ms", .init(delay: round, loss: 0.01), seconds: 60, goal: 1.5...2.5, seeds: seeds),
            throughput(
                "18 Mbit/s, RTT 60 ms, queue 256 KiB", .init(rate: 18_000_000, queueSize: 262_144, delay: round),
                seconds: 20, goal: 16...18, seeds: seeds),
            throughput(
                "18 Mbit/s, RTT 60 ms, queue 64 KiB", .init(rate: 18_000_000, queueSize: 65_536, delay: round),
                seconds: 20, goal: nil, seeds: seeds),
            throughput(
                "1 Mbit/s + 30 ms, any queue", .init(rate: 1_000_000, delay: round), seconds: 20, goal: 0.5...1.0,
                seeds: seeds),
            throughput(
                "1 Mbit/s + 30 ms, queue 32 KiB", .init(rate: 1_000_000, queueSize: 32_768, delay: round),
                seconds: 20, goal: 0.5...1.0, seeds: seeds),
            throughput("no limit, RTT 60 ms", .init(delay: round), seconds: 4, goal: nil, seeds: seeds),
        ]
    }

    /// Messages of 1 byte to 256 KiB under 5 % loss each way, reordering and duplication, on a reliable ordered
    /// channel and a reliable unordered one.
    static func messages(seeds: ClosedRange<UInt64>, isInterleaved: Bool = false) -> [String] {
        var tally = MessageTally()
        let began = processorTime()
        for seed in seeds { tally.add(messages(seed: seed, isInterleaved: isInterleaved)) }
        let name = isInterleaved ? "I-DATA" : "DATA"
        let isExact = tally.lost + tally.repeated + tally.reordered + tally.damaged == 0
        return [
            "messages of 1 B to 256 KiB, 5 % loss each way, \(name), seeds \(seeds.lowerBound)...\(seeds.upperBound): "
                + "sent \(tally.sent), lost \(tally.lost), repeated \(tally.repeated), reordered \(tally.reordered), "
                + "damaged \(tally.damaged) (goal 0 \(isExact ? "met" : "MISSED")); slowest seed \(decimals(tally.slowest, 1)) s of virtual time; "
                + "CPU \(decimals(processorTime() - began, 1)) s"
        ]
    }

    // MARK: Throughput

    private static func throughput(
        _ name: String, _ conditions: BottleneckPath.Conditions, seconds: Int64, goal: ClosedRange<Double>?,
        seeds: ClosedRange<UInt64>
    ) -> String {
        var rates: [Double] = []
        let seeds = conditions.hasChance ? seeds : seeds.lowerBound...seeds.lowerBound
        let began = processorTime()
        for seed in seeds { rates.append(rate(seed: seed, conditions: conditions, seconds: seconds)) }
        let cost = processorTime() - began
        rates.sort()
        let bits = rates.reduce(0, +) * Double(seconds)
        let median = rates[rates.count / 2]
        let verdict = goal.map { "goal \($0.lowerBound)-\($0.upperBound) " + ($0 ~= median / 1e6 ? "met" : "MISSED") }
        return "SCTP \(name): Mbit/s p50 \(megabits(median)), min \(megabits(rates[0])), "
            + "max \(megabits(rates[rates.count - 1])) (\(verdict ?? "no goal")); "
            + "CPU \(decimals(cost * 1000 / Double(seconds) / Double(rates.count), 1)) ms for a virtual second, "
            + "\(decimals(bits / cost / 1e6, 0)) Mbit for a second of CPU; "
            + "seeds \(seeds.lowerBound)...\(seeds.upperBound), \(seconds) s each"
    }

    private static func rate(seed: UInt64, conditions: BottleneckPath.Conditions, seconds: Int64) -> Double {
        let path = BottleneckPath(seed: seed, conditions: conditions)
        guard let channel = try? path.left.openChannel(label: "figures", now: path.now) else { return 0 }
        path.run(for: .seconds(60), until: { path.left.isConnected && path.right.isConnected })
        let payload = [UInt8](repeating: 7, count: 16_384)
        let began = path.receivedBytes
        path.run(
            for: .seconds(seconds),
            feed: { path in
                while path.left.bufferedAmount(of: channel) < 1 << 20,
                    (try? path.left.send(on: channel, message: payload, isBinary: true, now: path.now)) != nil
                {}
            })
        return Double(path.receivedBytes - began) * 8 / Double(seconds)
    }

    // MARK: Messages

    private struct MessageTally {
        var sent = 0
        var lost = 0
        var repeated = 0
        var reordered = 0
        var damaged = 0
        var slowest = 0.0

        mutating func add(_ other: MessageTally) {
            sent += other.sent
            lost += other.lost
            repeated += other.repeated
            reordered += other.reordered
            damaged += other.damaged
            slowest = max(slowest, other.slowest)
        }
    }

    private static func messages(seed: UInt64, isInterleaved: Bool) -> MessageTally {
        var configuration = SCTPConfiguration()
        configuration.maximumMessageSize = SCTPConfiguration.announcedMessageSize
        configuration.offersInterleaving = isInterleaved
        let path = BottleneckPath(
            seed: seed,
            conditions: .init(delay: .milliseconds(25), loss: 0.05, jitter: .milliseconds(10), duplication: 0.01),
            configuration: configuration)
        path.keepsMessages = true
        var random = DeterministicRandom(seed: seed)
        let sizes =
            [1, 262_144, 262_143]
            + (0..<57).map { _ in 1 << Int.random(in: 0...17, using: &random) }
            .map { Int.random(in: $0...$0 * 2, using: &random) }
        guard let ordered = try? path.left.openChannel(label: "ordered", now: path.now),
            let unordered = try? path.left.openChannel(label: "unordered", ordered: false, now: path.now)
        else { return MessageTally(lost: sizes.count) }
        for (number, size) in sizes.enumerated() {
            let channel = number % 4 == 3 ? unordered : ordered
            let message = content(number, size: size)
            _ = try? path.left.send(on: channel, message: message, isBinary: true, now: path.now)
        }
        path.run(for: .seconds(600), until: { path.received.count >= sizes.count })
        let arrivedAt = path.now
        path.run(for: .seconds(5))
        var tally = judge(path.received.map(\.1), sizes: sizes)
        let inOrder = path.received.filter { $0.0 == ordered }.map { number(of: $0.1) }
        for (earlier, later) in zip(inOrder, inOrder.dropFirst()) where later < earlier { tally.reordered += 1 }
        tally.slowest = (arrivedAt - .start).seconds
        return tally
    }

    private static func judge(_ received: [[UInt8]], sizes: [Int]) -> MessageTally {
        var tally = MessageTally(sent: sizes.count)
        var counts = [Int](repeating: 0, count: sizes.count)
        for message in received {
            let number = number(of: message)
            guard sizes.indices.contains(number), message == content(number, size: sizes[number]) else {
                tally.damaged += 1
                continue
            }
            counts[number] += 1
        }
        tally.lost = counts.count { $0 == 0 }
        tally.repeated = counts.count { $0 > 1 }
        return tally
    }

    /// A message that says which it is, in its first byte.
    private static func content(_ number: Int, size: Int) -> [UInt8] {
        (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ ($0 >> 8) &+ number) }
    }

    private static func number(of message: [UInt8]) -> Int { Int(message.first ?? .max) }

    // MARK: Text

    private static func megabits(_ rate: Double) -> String { decimals(rate / 1e6, 2) }

    private static func decimals(_ value: Double, _ count: Int) -> String {
        var scale = 1.0
        for _ in 0..<count { scale *= 10 }
        let whole = (value * scale).rounded() / scale
        return count == 0 ? String(Int(whole)) : String(whole)
    }

    private static func processorTime() -> Double {
        var time = timespec()
        unsafe clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}
