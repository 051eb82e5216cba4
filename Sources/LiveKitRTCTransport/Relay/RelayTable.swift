internal import LiveKitRTC

/// The TURN servers that a loop's sessions use, by their numbers, which lie beyond those of sockets and connections:
/// what is sent by such a number goes through the relay.
struct RelayTable {
    static let firstNumber = 1 << 28

    private var links: [RelayLink?] = []
    private var free: [Int] = []
    /// Links whose machine has something to say, from within the sending of a batch.
    private var waiting: [RelayLink] = []

    static func isNumber(_ number: Int) -> Bool { number >= firstNumber }

    subscript(number: Int) -> RelayLink? {
        let index = number - Self.firstNumber
        return links.indices.contains(index) ? links[index] : nil
    }

    mutating func add(_ link: RelayLink) -> Int {
        let index = free.popLast() ?? links.count
        if index == links.count { links.append(nil) }
        links[index] = link
        return index + Self.firstNumber
    }

    mutating func remove(_ number: Int) {
        guard self[number] != nil else { return }
        links[number - Self.firstNumber] = nil
        free.append(number - Self.firstNumber)
    }

    mutating func note(_ link: RelayLink) {
        if waiting.last !== link { waiting.append(link) }
    }

    mutating func takeWaiting() -> [RelayLink] {
        defer { waiting.removeAll() }
        return waiting
    }

    mutating func removeAll() {
        self = RelayTable()
    }
}

extension MediaLoopCore {
    /// - Returns: Whether a relay's machine may have written something that is to be sent.
    func drainRelays() -> Bool {
        let links = relays.takeWaiting()
        for link in links { link.drain(now: now) }
        return !links.isEmpty && !output.isEmpty
    }
}
