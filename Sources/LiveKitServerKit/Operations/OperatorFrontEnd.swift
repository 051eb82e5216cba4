internal import HTTPTypes
internal import Hummingbird
internal import HummingbirdCore
internal import LiveKitCore
internal import LiveKitRTCTransport
internal import NIOCore
internal import ServiceLifecycle

/// What operators read on ports of their own: metrics, and what goes on in rooms.
struct OperatorFrontEnd: Sendable {
    let configuration: LiveKitServerConfiguration
    let services: ControlServices
    let registry: RoomRegistry
    /// What `/metrics` shows; `nil` where the process's own metrics system is told alone.
    let metrics: PrometheusMetrics?

    /// The servers of both ports, as far as they are configured.
    var servers: [any Service] {
        var servers: [any Service] = []
        if configuration.prometheus.port > 0, let metrics {
            let router = router()
            router.get("/metrics") { [configuration] request, _ in
                guard Self.isAllowed(request, configuration.prometheus) else { return Self.challenge }
                return Self.page(metrics.text())
            }
            let gate = gate()
            servers += configuration.listeningAddresses.map {
                server(router, at: gate, address: $0, port: configuration.prometheus.port)
            }
        }
        if configuration.debugPort > 0 {
            let router = router()
            router.get("/debug/rooms") { _, _ in try await RoomDump.response(registry, now: services.clock.now()) }
            servers.append(server(router, at: gate(), address: "127.0.0.1", port: configuration.debugPort))
        }
        return servers
    }

    private func router() -> Router<BasicRequestContext> {
        let router = Router(context: BasicRequestContext.self)
        router.add(middleware: BodyLimitMiddleware(maximumBytes: HTTPBounds.operatorBodyBytes))
        return router
    }

    private func gate() -> ConnectionGate {
        var limits = configuration.connections
        limits.maximum = HTTPBounds.operatorConnections
        return ConnectionGate(limits, openFiles: OpenFiles.limit)
    }

    private func server(
        _ router: Router<BasicRequestContext>, at gate: ConnectionGate, address: String?, port: Int
    ) -> any Service {
        let responder = router.buildResponder()
        let logger = services.logger
        let channel = OperatorChannel(
            responder: { request, writer, channel in
                let source = ApplicationRequestContextSource(channel: channel, logger: logger)
                let response = await Self.answer(request, BasicRequestContext(source: source), responder)
                try await writer.write(response: response.head, body: response.body)
            }, timeouts: configuration.timeouts, gate: gate, services: services)
        return Listener(child: channel, address: address, port: port, logger: logger)
    }

    private static func answer(
        _ request: Request, _ context: BasicRequestContext, _ responder: some HTTPResponder<BasicRequestContext>
    ) async -> Response {
        do {
            return try await responder.respond(to: request, context: context)
        } catch let error as any HTTPResponseError {
            return Response(error.status, text: error.status.reasonPhrase)
        } catch {
            return Response(.internalServerError, text: "internal error")
        }
    }

    private static func page(_ text: String) -> Response {
        Response(
            status: .ok, headers: [.contentType: "text/plain; version=0.0.4; charset=utf-8"],
            body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
    }

    // MARK: Basic authentication, RFC 7617

    private static var challenge: Response {
        var response = Response(.unauthorized, text: "unauthorized")
        response.headers[.wwwAuthenticate] = "Basic realm=\"metrics\", charset=\"UTF-8\""
        return response
    }

    private static func isAllowed(
        _ request: Request, _ prometheus: LiveKitServerConfiguration.Prometheus
    ) -> Bool {
        guard !prometheus.username.isEmpty else { return true }
        let expected = BasicCredentials.header(prometheus.username, prometheus.password)
        return BasicCredentials.areEqual(request.headers[.authorization] ?? "", expected)
    }
}
