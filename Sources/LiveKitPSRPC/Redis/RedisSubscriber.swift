internal import Logging
internal import NIOCore

/// The connection that listens, and who reads what comes on it. Loop code.
///
/// Channels are what is wanted, whatever the connection does: each new connection subscribes to all of them again.
final class RedisSubscriber {
    /// Who reads a channel.
    struct Reader {
        let id: Int
        let sharing: BusSharing
        let messages: AsyncStream<[UInt8]>.Continuation
    }

    /// Says whether a message of a queue is ours alone.
    typealias Claim = (_ message: [UInt8], _ reader: Reader) -> Void

    private struct Waiter {
        let reader: Int
        let answer: (RedisError?) -> Void
    }

    private let link: RedisLink
    private let loop: any EventLoop
    private let patience: TimeAmount
    private let counters: RedisCounters
    private let logger: Logger
    private let claim: Claim
    private var connection: RedisConnection?
    private var channels: [String: RedisChannelReaders] = [:]
    /// SUBSCRIBE commands without a whole answer yet, and what of their channels was not answered. The server answers in
    /// their order: each channel in turn, or an error for a command.
    private var asked = CircularBuffer<ArraySlice<String>>()
    /// How often a channel is among them.
    private var unacknowledged: [String: Int] = [:]
    /// Channels that the server refused. Who wants to read them next asks it again.
    private var refusals: Set<String> = []
    private var waiters: [String: [Waiter]] = [:]
    private var isStarted = false
    private var isHeard = false
    private var isSubscribingAgain = false

    init(_ dialer: RedisDialer, counters: RedisCounters, logger: Logger, claim: @escaping Claim) {
        link = RedisLink(dialer, counters: counters, logger: logger)
        loop = dialer.loop
        patience = TimeAmount(dialer.configuration.commandTimeout)
        self.counters = counters
        self.logger = logger
        self.claim = claim
    }

    private func start() {
        guard !isStarted else { return }
        isStarted = true
        link.onConnect = { connection in self.connected(connection) }
        link.start()
        schedulePing()
    }

    func close() {
        link.onConnect = nil
        link.close()
        for reader in channels.values.flatMap(\.all) { reader.messages.finish() }
        channels = [:]
        for waiter in waiters.values.joined() { waiter.answer(.closed) }
        waiters = [:]
    }

    // MARK: Readers

    /// Answers once messages arrive, or why they do not.
    func add(_ reader: Reader, to channel: String, answer: @escaping (RedisError?) -> Void) {
        guard !link.isClosed else { return answer(.closed) }
        start()
        let isNew = channels[channel] == nil
        channels[channel, default: RedisChannelReaders()].add(reader)
        let wasRefused = refusals.remove(channel) != nil
        if isNew || wasRefused { subscribe([channel]) }
        guard !isListening(to: channel) else { return answer(nil) }
        waiters[channel, default: []].append(Waiter(reader: reader.id, answer: answer))
        loop.assumeIsolated().scheduleTask(in: patience) { self.giveUp(reader.id, channel) }
    }

    func remove(_ reader: Int, from channel: String) {
        guard channels[channel]?.remove(reader) == true else { return }
        answer(channel, .closed) { $0.reader == reader }
        guard channels[channel]?.isEmpty == true else { return }
        channels[channel] = nil
        refusals.remove(channel)
        connection?.post(RedisCommand("UNSUBSCRIBE", channel))
    }

    private func isListening(to channel: String) -> Bool {
        connection?.isOpen == true && unacknowledged[channel] == nil
    }

    private func giveUp(_ reader: Int, _ channel: String) {
        guard waiters[channel]?.contains(where: { $0.reader == reader }) == true else { return }
        answer(channel, .timedOut) { $0.reader == reader }
        remove(reader, from: channel)
    }

    private func answer(_ channel: String, _ error: RedisError?, where isMeant: (Waiter) -> Bool = { _ in true }) {
        guard let waiting = waiters[channel] else { return }
        let rest = waiting.filter { !isMeant($0) }
        waiters[channel] = rest.isEmpty ? nil : rest
        for waiter in waiting where isMeant(waiter) { waiter.answer(error) }
    }

    // MARK: The connection

    private func connected(_ connection: RedisConnection) {
        self.connection = connection
        asked = []
        unacknowledged = [:]
        refusals = []
        isHeard = true
        connection.onMessage = { reply in self.receive(reply) }
        isSubscribingAgain = !channels.isEmpty
        subscribe(Array(channels.keys))
    }

    private func subscribe(_ names: [String]) {
        guard let connection, connection.isOpen else { return }
        var rest = names[...]
        while !rest.isEmpty {
            let batch = rest.prefix(RedisLimits.channelsPerCommand)
            rest = rest.dropFirst(batch.count)
            for name in batch { unacknowledged[name, default: 0] += 1 }
            asked.append(batch)
            connection.post(RedisCommand("SUBSCRIBE", batch.map { Array($0.utf8) }))
        }
    }

    private func receive(_ reply: RedisReply) {
        isHeard = true
        if case .error(let words) = reply { return refused(words) }
        guard let parts = reply.elements else { return }
        guard parts.count == 3, let kind = parts[0].text, let channel = parts[1].text else { return }
        switch (kind, parts[2]) {
        case ("message", .bytes(let message)): deliver(message, channel)
        case ("subscribe", _): acknowledged(channel)
        default: break
        }
    }

    private func acknowledged(_ channel: String) {
        if asked.first?.first == channel {
            let rest = asked[asked.startIndex].dropFirst()
            if rest.isEmpty { asked.removeFirst() } else { asked[asked.startIndex] = rest }
        }
        settle(channel, nil)
        guard isSubscribingAgain, unacknowledged.isEmpty else { return }
        isSubscribingAgain = false
        logger.notice("subscribed again", metadata: ["channels": "\(channels.count)"])
    }

    /// A SUBSCRIBE that an access list forbids: the first that is not answered.
    private func refused(_ words: String) {
        logger.error("Redis refuses to subscribe", metadata: ["reason": "\(words)"])
        for channel in asked.popFirst() ?? [] { settle(channel, .refused(words)) }
    }

    /// One SUBSCRIBE of a channel was answered. Of several the last one counts.
    private func settle(_ channel: String, _ error: RedisError?) {
        guard let count = unacknowledged[channel] else { return }
        unacknowledged[channel] = count > 1 ? count - 1 : nil
        guard count == 1 else { return }
        if error != nil { refusals.insert(channel) }
        answer(channel, error)
    }

    private func deliver(_ message: [UInt8], _ channel: String) {
        guard let readers = channels[channel] else { return }
        for reader in readers.everyone where !reader.give(message) { counters.droppedMessages.increment() }
        if let reader = channels[channel]?.nextOfQueue() { claim(message, reader) }
    }

    // MARK: Signs of life

    private func schedulePing() {
        loop.assumeIsolated().scheduleTask(in: RedisLimits.pingPeriod) {
            guard !self.link.isClosed else { return }
            if self.isHeard {
                self.connection?.post(RedisCommand("PING"))
            } else {
                self.connection?.close(.timedOut)
            }
            self.isHeard = false
            self.schedulePing()
        }
    }
}

extension RedisSubscriber.Reader {
    /// - Returns: whether there was room for it, or nobody reads any more.
    func give(_ message: [UInt8]) -> Bool {
        if case .dropped = messages.yield(message) { return false }
        return true
    }
}
