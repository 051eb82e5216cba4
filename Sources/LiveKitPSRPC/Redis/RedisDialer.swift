internal import NIOCore
internal import NIOPosix
internal import NIOSSL

/// Opens connections to where the configuration says the server is now. Loop code.
struct RedisDialer {
    typealias Opened = (Result<RedisConnection, RedisError>) -> Void

    let configuration: RedisConfiguration
    let tls: NIOSSLContext?
    let loop: any EventLoop

    init(_ configuration: RedisConfiguration, loop: any EventLoop) throws {
        self.configuration = configuration
        self.loop = loop
        tls = try configuration.tls?.context()
    }

    /// Finds the server, connects, and says who we are.
    func open(_ opened: @escaping Opened) {
        switch configuration.servers {
        case .single(let address): open(address, isMasterExpected: false, opened)
        case .sentinels(let addresses, let master):
            findMaster(master, addresses[...], .unreachable("no sentinels")) { found in
                switch found {
                case .success(let address): open(address, isMasterExpected: true, opened)
                case .failure(let error): opened(.failure(error))
                }
            }
        }
    }

    private func open(_ address: RedisAddress, isMasterExpected: Bool, _ opened: @escaping Opened) {
        let handshake = RedisHandshake(
            configuration.credentials, database: configuration.database, isMasterExpected: isMasterExpected)
        connect(address) { result in
            guard case .success(let connection) = result else { return opened(result) }
            perform(handshake, on: connection) { answer in
                do throws(RedisError) {
                    try RedisHandshake.check(answer.get())
                    opened(.success(connection))
                } catch {
                    connection.close(error)
                    opened(.failure(error))
                }
            }
        }
    }

    /// Asks one sentinel after the other.
    private func findMaster(
        _ master: String, _ sentinels: ArraySlice<RedisAddress>, _ failure: RedisError,
        _ found: @escaping (Result<RedisAddress, RedisError>) -> Void
    ) {
        guard let address = sentinels.first else { return found(.failure(failure)) }
        let handshake = RedisHandshake(sentinel: configuration.sentinelCredentials, master: master)
        connect(address) { result in
            guard case .success(let connection) = result else {
                return findMaster(master, sentinels.dropFirst(), result.failure ?? failure, found)
            }
            perform(handshake, on: connection) { answer in
                connection.close(.closed)
                do throws(RedisError) {
                    found(.success(try RedisHandshake.masterAddress(answer.get())))
                } catch {
                    findMaster(master, sentinels.dropFirst(), error, found)
                }
            }
        }
    }

    /// Sends all commands at once; the answer is the first error, or the last reply.
    private func perform(
        _ handshake: RedisHandshake, on connection: RedisConnection, _ answer: @escaping RedisConnection.Answer
    ) {
        let deadline = loop.now + TimeAmount(configuration.commandTimeout)
        var outcome: Result<RedisReply, RedisError>?
        for (index, command) in handshake.commands.enumerated() {
            connection.send(command, deadline: deadline) { reply in
                switch reply {
                case .success(.error(let words)): outcome = outcome ?? .failure(.refused(words))
                case .failure(let error): outcome = outcome ?? .failure(error)
                case .success: break
                }
                if index == handshake.commands.count - 1 { answer(outcome ?? reply) }
            }
        }
    }

    private func connect(_ address: RedisAddress, _ connected: @escaping Opened) {
        let connection = RedisConnection()
        let bound = NIOLoopBound(connection, eventLoop: loop)
        let encryption = tls.map { context in (context, configuration.tls ?? RedisTLS()) }
        ClientBootstrap(group: loop)
            .connectTimeout(TimeAmount(configuration.connectTimeout))
            .channelOption(.socketOption(.so_keepalive), value: 1)
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    if let (context, tls) = encryption {
                        try channel.pipeline.syncOperations.addHandler(tls.handler(context, host: address.host))
                    }
                    try channel.pipeline.syncOperations.addHandler(bound.value)
                }
            }
            .connect(host: address.host, port: address.port)
            .assumeIsolated()
            .whenComplete { result in
                switch result {
                case .success: connected(.success(connection))
                case .failure(let error): connected(.failure(.unreachable("\(address): \(Self.reason(error))")))
                }
            }
    }
}

extension RedisDialer {
    /// Of the addresses that a name may have, what the last one's attempt failed for.
    private static func reason(_ error: any Error) -> String {
        guard let error = error as? NIOConnectionError else { return "\(error)" }
        let causes = [error.dnsAAAAError, error.dnsAError].compactMap(\.self) + error.connectionErrors.map(\.error)
        return causes.last.map { "\($0)" } ?? "no address"
    }
}

extension Result {
    fileprivate var failure: Failure? {
        guard case .failure(let failure) = self else { return nil }
        return failure
    }
}
