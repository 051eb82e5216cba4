import LiveKitCore
import LiveKitTestSupport
import Testing

@Suite("Simulated network: links")
struct SimulatedNetworkTests {
    @Test("An ideal link delivers at once, a delayed one exactly so much later")
    func delays() {
        var ideal = Wire(seed: 1, .ideal)
        ideal.send(7)
        ideal.run(until: .start + .milliseconds(1))
        #expect(ideal.arrivals.map(\.at) == [.start])
        var delayed = Wire(seed: 1, LinkConditions(delay: .milliseconds(30)))
        delayed.stream(3, every: .milliseconds(10))
        #expect(delayed.arrivals.map { ($0.at - .start).milliseconds } == [30, 40, 50])
    }

    @Test("Jitter spreads the delay over its range and keeps the order")
    func jitters() {
        var wire = Wire(seed: 2, LinkConditions(delay: .milliseconds(20), jitter: .milliseconds(40)))
        wire.stream(1000, every: .milliseconds(100))
        let delays = wire.arrivals.map { ($0.at - .start).milliseconds - Int64($0.number) * 100 }
        #expect(wire.numbers == Array(0..<1000))
        #expect(delays.allSatisfy { (20...60).contains($0) })
        #expect(delays.contains { $0 < 25 } && delays.contains { $0 > 55 })
        var dense = Wire(seed: 2, LinkConditions(delay: .milliseconds(20), jitter: .milliseconds(40)))
        dense.stream(1000, every: .milliseconds(1))
        #expect(dense.numbers == Array(0..<1000))
    }

    @Test("Random loss comes out at its probability", arguments: [0.01, 0.1, 0.3, 0.5])
    func losesAtRandom(probability: Double) {
        var wire = Wire(seed: 3, LinkConditions(loss: .random(probability)))
        wire.stream(20_000, every: .microseconds(100))
        let fraction = 1 - Double(wire.arrivals.count) / 20_000
        // Four standard deviations.
        #expect(abs(fraction - probability) < 4 * (probability * (1 - probability) / 20_000).squareRoot())
        #expect(wire.network.trace.count(.lost) == 20_000 - wire.arrivals.count)
    }

    @Test("Gilbert-Elliott loss has its fraction and its mean burst", arguments: [0.01, 0.05, 0.1])
    func losesInBursts(fraction: Double) {
        let model = GilbertElliott(losing: fraction, meanBurst: 4)
        #expect(abs(model.fraction - fraction) < 1e-9)
        var wire = Wire(seed: 4, LinkConditions(loss: .bursts(model)))
        wire.stream(100_000, every: .microseconds(100))
        let lost = 100_000 - wire.arrivals.count
        let gaps = zip(wire.numbers, wire.numbers.dropFirst()).count { $1 > $0 + 1 }
        #expect(abs(Double(lost) / 100_000 - fraction) < fraction * 0.15)
        #expect(abs(Double(lost) / Double(gaps) - 4) < 0.6)
    }

    @Test("Duplicates and overtaking come at their probability, and only when asked for")
    func duplicatesAndReorders() {
        var wire = Wire(
            seed: 5,
            LinkConditions(
                delay: .milliseconds(10), duplication: 0.2, reorder: 0.1, reorderDelay: .milliseconds(3)))
        wire.stream(10_000, every: .milliseconds(1))
        let late = zip(wire.numbers, wire.numbers.dropFirst()).count { $1 < $0 }
        #expect(abs(Double(wire.arrivals.count - 10_000) / 10_000 - 0.2) < 0.02)
        #expect(Set(wire.numbers).count == 10_000)
        #expect(abs(Double(wire.network.trace.count(.reordered)) / 10_000 - 0.1) < 0.02)
        #expect(late > 500)
    }

    @Test("A rate limit spaces packets by their size, and a full queue drops the newest", arguments: [1000, 1472])
    func limitsTheRate(size: Int) {
        var wire = Wire(seed: 6, LinkConditions(rate: 1_000_000, queue: .bytes(10 * (size + 28))))
        for number in 0..<30 { wire.send(number, size: size) }
        #expect(wire.network.queuedBytes(on: wire.uplink) == 10 * (size + 28))
        wire.run(until: .start + .seconds(5))
        #expect(wire.numbers == Array(0..<10))
        #expect(wire.network.trace.count(.queueFull) == 20)
        let last = (wire.arrivals.last?.at ?? .start) - .start
        #expect(abs(last.seconds - Double(10 * (size + 28) * 8) / 1e6) < 1e-6)
    }

    @Test("A link under load carries its rate, and a change of rate counts for what waits")
    func changesTheRate() {
        var wire = Wire(seed: 7, LinkConditions(rate: 3_000_000, queue: .time(.milliseconds(200))))
        var slow = wire.network.conditions(of: wire.uplink)
        slow.rate = 300_000
        wire.network.setConditions(slow, of: wire.uplink, at: .start + .seconds(10))
        for number in 0..<8000 {
            wire.send(number, size: 1172)
            wire.run(until: wire.network.now + .microseconds(2500))
        }
        func rate(_ span: Range<Int64>) -> Double {
            let bytes = wire.arrivals.filter { span.contains(($0.at - .start).milliseconds) }.reduce(0) {
                $0 + $1.size + 28
            }
            return Double(bytes) * 8000 / Double(span.count)
        }
        #expect(abs(rate(1000..<10_000) - 3_000_000) < 30_000)
        #expect(abs(rate(12_000..<20_000) - 300_000) < 10_000)
    }

    @Test("Above the MTU a packet is dropped and its fragments counted, IP's header included")
    func dropsBeyondTheMTU() {
        var wire = Wire(seed: 8, LinkConditions(mtu: 1280))
        wire.send(0, size: 1252)
        wire.send(1, size: 1253)
        wire.send(2, size: 2600)
        wire.run(until: .start + .seconds(1))
        #expect(wire.numbers == [0])
        #expect(wire.network.trace.count(.tooLarge) == 2)
        #expect(wire.network.trace.fragments == 2 + 3)
        #expect(wire.network.trace.largestPayload == 2600)
    }

    @Test("An outage lets nothing through, not even what was waiting")
    func goesDown() {
        var wire = Wire(seed: 9, LinkConditions(rate: 80_000, queue: .time(.seconds(1))))
        wire.network.addOutage(of: wire.uplink, from: .start + .seconds(1), for: .seconds(2))
        wire.stream(400, every: .milliseconds(10), size: 72)
        let times = wire.arrivals.map { ($0.at - .start).milliseconds }
        #expect(!times.contains { (1000..<3000).contains($0) })
        #expect(wire.numbers.contains(98) && !wire.numbers.contains(150) && wire.numbers.contains(301))
        #expect(wire.network.trace.count(.outage) >= 200)
    }

    @Test("Conditions change when they are told to")
    func changesLive() {
        var wire = Wire(seed: 10, LinkConditions(delay: .milliseconds(10)))
        wire.network.setConditions(
            LinkConditions(delay: .milliseconds(50)), of: wire.uplink, at: .start + .milliseconds(100))
        wire.network.setConditions(LinkConditions(loss: .random(1)), of: wire.uplink, at: .start + .milliseconds(200))
        wire.stream(30, every: .milliseconds(10))
        #expect(wire.numbers == Array(0..<20))
        let delays = wire.arrivals.map { ($0.at - .start).milliseconds - Int64($0.number) * 10 }
        #expect(delays == Array(repeating: 10, count: 10) + Array(repeating: 50, count: 10))
    }

    @Test("A seed gives the same network again, another seed another")
    func replays() {
        let conditions = LinkConditions(
            delay: .milliseconds(5), jitter: .milliseconds(20),
            loss: .bursts(GilbertElliott(losing: 0.1, meanBurst: 3)),
            duplication: 0.1, reorder: 0.1)
        func run(_ seed: UInt64) -> ([Int], String) {
            var wire = Wire(seed: seed, conditions)
            wire.stream(500, every: .milliseconds(2))
            return (wire.numbers, wire.network.trace.description)
        }
        #expect(run(11) == run(11))
        #expect(run(11).0 != run(12).0)
    }

    @Test("A trace keeps the last events and all counts")
    func traces() {
        var wire = Wire(seed: 12, .ideal)
        wire.stream(500, every: .milliseconds(1))
        let trace = wire.network.trace
        #expect(trace.entries.count == 64)
        #expect(trace.entries.last?.fate == .delivered)
        #expect(trace.description.hasPrefix("sent 500, delivered 500, fragments 0\n"))
        #expect(trace.count(.sent) == 500 && trace.dropped == 0)
    }

    @Test("Many hosts: each gets what is addressed to it, over the path that was laid")
    func routes() {
        var network = SimulatedNetwork(seed: 13)
        let addresses = (0..<50).map { TransportAddress(ipv6High: 0x2001_0DB8 << 32, low: UInt64($0 + 1), port: 9) }
        let hosts = addresses.map { network.addHost("\($0)", addresses: [$0]) }
        network.addPath(from: hosts[0], to: addresses[1], LinkConditions(delay: .seconds(1)))
        for target in 1..<50 {
            network.send([UInt8(target)], from: hosts[0], source: addresses[0], to: addresses[target])
        }
        network.send([0], from: hosts[0], source: addresses[0], to: TransportAddress(ipv4: 1, port: 1))
        var got: [Int: (MediaInstant, [UInt8])] = [:]
        while network.now < .start + .seconds(2) {
            network.advance(to: nil, end: .start + .seconds(2))
            while let delivery = network.takeDelivery() {
                let index = hosts.firstIndex(of: delivery.host) ?? -1
                #expect(delivery.source == addresses[0] && delivery.destination == addresses[index])
                got[index] = (network.now, delivery.bytes)
            }
        }
        #expect(got.count == 49)
        #expect(got.allSatisfy { $0.value.1 == [UInt8($0.key)] })
        #expect(got.allSatisfy { $0.value.0 == ($0.key == 1 ? .start + .seconds(1) : .start) })
        #expect(network.trace.count(.unroutable) == 1)
    }
}
