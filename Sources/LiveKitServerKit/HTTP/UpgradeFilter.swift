internal import NIOCore
internal import NIOHTTP1

/// Lets only requests that are truly a WebSocket handshake for signalling reach NIO's upgrade handler.
///
/// That handler swallows the head of every request which asks for an upgrade and does not get one, so any other
/// request loses its `Upgrade` field here and goes its way as plain HTTP.
final class UpgradeFilter: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard case .head(var head) = unwrapInboundIn(data), head.headers.contains(name: "upgrade"),
            !Self.isSignalHandshake(head)
        else { return context.fireChannelRead(data) }
        head.headers.remove(name: "upgrade")
        context.fireChannelRead(wrapInboundOut(.head(head)))
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
