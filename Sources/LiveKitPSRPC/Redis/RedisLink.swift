internal import Logging
internal import NIOCore
internal import NIOSSL

/// Stays connected: makes a connection, and another one when it is lost, with growing pauses. Loop code.
///
/// Commands that come meanwhile wait for the next connection, up to the bounds of ``RedisLimits`` and for as long as a
/// command may take. Those that were written to a lost connection fail: whether they were done is not known.
final class RedisLink {
    private struct Waiting {
        let command: RedisCommand
        let deadline: NIODeadline
        let answer: RedisConnection.Answer
    }

    private let dialer: RedisDialer
    private let loop: any EventLoop
    private let counters: RedisCounters
    private let logger: Logger
    private var connection: RedisConnection?
    private var backoff = RedisLimits.reconnectPauses
    private var waiting = CircularBuffer<Waiting>()
    private var expiry: Scheduled<Void>?
    private var load = (commands: 0, bytes: 0)
    private var lastFailure: RedisError?
    private var isStarted = false
    private(set) var isClosed = false
    /// Called with each connection, after its handshake and before the commands that waited for it.
    var onConnect: ((RedisConnection) -> Void)?

    init(_ dialer: RedisDialer, counters: RedisCounters, logger: Logger) {
        self.dialer = dialer
        loop = dialer.loop
        self.counters = counters
        self.logger = logger
    }

    /// Begins to connect. Harmless when it has begun.
    func start() {
        guard !isStarted else { return }
        isStarted = true
        connect()
    }

    private func connect() {
        guard !isClosed else { return }
        dialer.open { result in self.opened(result) }
    }

    func close() {
        guard !isClosed else { return }
        isClosed = true
        expiry?.cancel()
        connection?.close(.closed)
        connection = nil
        failWaiting(.closed)
    }

    // MARK: Commands

    func send(_ command: RedisCommand, answer: @escaping RedisConnection.Answer) {
        guard !isClosed else { return answer(.failure(.closed)) }
        start()
        let size = command.byteCount
        guard load.commands < RedisLimits.pendingCommands, load.bytes + size <= RedisLimits.pendingBytes else {
            counters.overflows.increment()
            return answer(.failure(.overloaded))
        }
        load = (load.commands + 1, load.bytes + size)
        let deadline = loop.now + TimeAmount(dialer.configuration.commandTimeout)
        let finish: RedisConnection.Answer = { result in
            self.load = (self.load.commands - 1, self.load.bytes - size)
            answer(self.judge(result))
        }
        guard let connection else {
            waiting.append(Waiting(command: command, deadline: deadline, answer: finish))
            if expiry == nil { scheduleExpiry(deadline) }
            return
        }
        connection.send(command, deadline: deadline, answer: finish)
    }

    /// A refusal becomes an error. One that tells of a failover sends us to look for the new master.
    private func judge(_ result: Result<RedisReply, RedisError>) -> Result<RedisReply, RedisError> {
        switch result {
        case .success(.error(let words)):
            if words.hasPrefix("READONLY") || words.hasPrefix("LOADING") { connection?.close(.refused(words)) }
            return .failure(.refused(words))
        case .failure(.timedOut), .failure(.unreachable):
            counters.unanswered.increment()
            return result
        default: return result
        }
    }

    private func failWaiting(_ error: RedisError) {
        while let first = waiting.popFirst() { first.answer(.failure(error)) }
    }

    private func scheduleExpiry(_ deadline: NIODeadline) {
        expiry = loop.assumeIsolated().scheduleTask(deadline: deadline) {
            self.expiry = nil
            while let first = self.waiting.first {
                guard first.deadline <= self.loop.now else { return self.scheduleExpiry(first.deadline) }
                self.waiting.removeFirst()
                first.answer(.failure(self.lastFailure ?? .timedOut))
            }
        }
    }

    // MARK: Connections

    private func opened(_ result: Result<RedisConnection, RedisError>) {
        switch result {
        case .success(let connection):
            guard !isClosed else { return connection.close(.closed) }
            connection.onClose = { reason in self.lost(reason) }
            guard connection.isOpen else { return lost(.unreachable("the connection was closed")) }
            adopt(connection)
        case .failure(let error): retry(error)
        }
    }

    private func adopt(_ connection: RedisConnection) {
        counters.connections.increment()
        if lastFailure != nil { logger.notice("connected to Redis again") }
        self.connection = connection
        lastFailure = nil
        backoff.reset()
        onConnect?(connection)
        while let first = waiting.popFirst() {
            connection.send(first.command, deadline: first.deadline, answer: first.answer)
        }
    }

    private func lost(_ reason: RedisError) {
        connection = nil
        guard !isClosed else { return }
        retry(reason)
    }

    private func retry(_ error: RedisError) {
        counters.failures.increment()
        if lastFailure != error { logger.warning("no connection to Redis", metadata: ["reason": "\(error)"]) }
        lastFailure = error
        // Who is not let in now is not let in before somebody changes a configuration: nobody need wait for that.
        if error.isFinal { failWaiting(error) }
        guard !isClosed else { return }
        loop.assumeIsolated().scheduleTask(in: backoff.nextPause()) { self.connect() }
    }
}
