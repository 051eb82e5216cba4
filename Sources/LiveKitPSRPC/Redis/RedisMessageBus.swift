internal import Crypto
internal import Foundation
package import Logging
internal import NIOCore
internal import NIOPosix
internal import Synchronization

/// A ``MessageBus`` on the channels of a Redis server, the same on the wire as psrpc's.
///
/// One connection subscribes, from the first subscription on; what is published shares the connection of a ``RedisClient``. Of those that queue, each
/// node gets each message; the one that first sets a key of the message's digest keeps it.
package final class RedisMessageBus: MessageBus {
    private let client: RedisClient
    private let loop: any EventLoop
    private let subscriber: NIOLoopBoundBox<RedisSubscriber>
    private let lastReader = Atomic<Int>(0)

    /// A bus that publishes and claims by a client, whose counters are those of the bus.
    ///
    /// - Throws: an error that names a file of the TLS configuration which cannot be used.
    package init(_ configuration: RedisConfiguration, client: RedisClient, logger: Logger) throws {
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        let dialer = try RedisDialer(configuration, loop: loop)
        self.client = client
        self.loop = loop
        subscriber = NIOLoopBoundBox.makeBoxSendingValue(
            RedisSubscriber(dialer, counters: client.counters, logger: logger) { message, reader in
                Self.claim(message, for: reader, client)
            }, eventLoop: loop)
    }

    package func publish(_ message: [UInt8], on channel: String) async throws(MessageBusError) {
        do throws(RedisError) { _ = try await client.publish(message, on: channel) } catch { throw error.ofBus }
    }

    package func post(_ message: [UInt8], on channel: String, failed: @escaping @Sendable () -> Void) {
        client.post(RedisCommand("PUBLISH", [Array(channel.utf8), message])) { answer in
            if case .failure = answer { failed() }
        }
    }

    package func subscribe(
        to channel: String, sharing: BusSharing, capacity: Int
    ) async throws(MessageBusError) -> BusSubscription {
        let (messages, continuation) = AsyncStream<[UInt8]>.makeStream(bufferingPolicy: .bufferingOldest(capacity))
        let id = lastReader.wrappingAdd(1, ordering: .relaxed).newValue
        continuation.onTermination = { [loop, subscriber] _ in
            loop.execute { subscriber.value.remove(id, from: channel) }
        }
        let reader = RedisSubscriber.Reader(id: id, sharing: sharing, messages: continuation)
        let failure: RedisError? = await withCheckedContinuation { answer in
            loop.execute { [subscriber] in
                subscriber.value.add(reader, to: channel) { answer.resume(returning: $0) }
            }
        }
        if let failure {
            continuation.finish()
            throw failure.ofBus
        }
        return BusSubscription(channel: channel, messages: messages) { continuation.finish() }
    }

    /// Ends all subscriptions. The client is its owner's to close.
    package func close() {
        loop.execute { [subscriber] in subscriber.value.close() }
    }

    /// Answers come in the order of the commands, so that the reader gets messages in the order of the channel.
    private static func claim(_ message: [UInt8], for reader: RedisSubscriber.Reader, _ client: RedisClient) {
        let key = Data(SHA256.hash(data: message)).base64EncodedString()
        let value = Array(String(Int.random(in: 0...Int.max)).utf8)
        client.post(.setIfAbsent(key, value, seconds: RedisLimits.queueClaimSeconds)) { [counters = client.counters] in
            switch $0 {
            case .success(.null): break
            case .success: if !reader.give(message) { counters.droppedMessages.increment() }
            case .failure: counters.unclaimedMessages.increment()
            }
        }
    }
}

extension RedisError {
    fileprivate var ofBus: MessageBusError {
        switch self {
        case .closed: .closed
        case .overloaded: .overloaded
        default: .unreachable(description)
        }
    }
}
