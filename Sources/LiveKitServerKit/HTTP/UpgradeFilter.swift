internal import NIOCore
internal import NIOHTTP1

/// Lets only requests that are truly a WebSocket handshake for signalling reach NIO's upgrade handler.
///
/// That handler swallows the head of every request which asks for an upgrade and does not get one, so any other
/// request loses its `Upgrade` field here and goes its way as plain HTTP. It is the connection's last one: NIO's decoder
/// reads nothing behind a request that asked for an upgrade.
final class UpgradeFilter: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    private enum Phase {
        case first, later
        /// The request that is answered next asked for what nobody grants.
        case declining
        /// The connection goes on elsewhere.
        case handedOver
    }

    private var phase = Phase.first
    /// Called with a handshake that is not the connection's first request. `nil` where nothing is upgraded.
    private let onLateHandshake: ((any Channel, HTTPRequestHead) -> Void)?

    init(onLateHandshake: ((any Channel, HTTPRequestHead) -> Void)?) {
        self.onLateHandshake = onLateHandshake
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if case .handedOver = phase { return }
        guard case .head(let head) = unwrapInboundIn(data) else { return context.fireChannelRead(data) }
        let isFirst = if case .first = phase { true } else { false }
        phase = .later
        guard head.headers.contains(name: "upgrade") else { return context.fireChannelRead(data) }
        guard let onLateHandshake, Self.isSignalHandshake(head) else {
            phase = .declining
            return context.fireChannelRead(wrapInboundOut(.head(Self.plain(head))))
        }
        guard !isFirst else { return context.fireChannelRead(data) }
        phase = .handedOver
        onLateHandshake(context.channel, head)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        guard case .declining = phase, case .head(var head) = unwrapOutboundIn(data), head.status.code >= 200 else {
            return context.write(data, promise: promise)
        }
        head.headers.replaceOrAdd(name: "connection", value: "close")
        context.write(wrapOutboundOut(.head(head)), promise: promise)
    }

    private static func plain(_ head: HTTPRequestHead) -> HTTPRequestHead {
        var head = head
        head.headers.remove(name: "upgrade")
        head.headers.replaceOrAdd(name: "connection", value: "close")
        return head
    }

    /// Where signalling and agents' workers are served.
    private static let paths: Set<Substring> = ["/rtc", "/rtc/v1", "/agent"]

    /// RFC 6455 §4.2.1, on such a path.
    static func isSignalHandshake(_ head: HTTPRequestHead) -> Bool {
        let headers = head.headers
        let path = head.uri.collapsingSlashes.prefix { $0 != "?" }
        return paths.contains(path) && head.method == .GET
            && headers[canonicalForm: "upgrade"].map { $0.lowercased() } == ["websocket"]
            && headers[canonicalForm: "connection"].contains { $0.lowercased() == "upgrade" }
            && headers["sec-websocket-key"].count == 1 && headers["sec-websocket-version"] == ["13"]
            && !headers.contains(name: "transfer-encoding") && (headers.first(name: "content-length") ?? "0") == "0"
    }
}
