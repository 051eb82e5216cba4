internal import HTTPTypes
internal import Hummingbird
internal import HummingbirdCore
internal import LiveKitCore
internal import LiveKitProtobuf
internal import Logging
internal import NIOCore
internal import NIOHTTP1
internal import ServiceLifecycle
internal import Tracing

/// Everything that is reached over TCP: routes, the API, and the way to signalling.
struct HTTPFrontEnd: Sendable {
    let configuration: LiveKitServerConfiguration
    let registry: RoomRegistry
    let services: ControlServices

    private var authenticator: RequestAuthenticator {
        RequestAuthenticator(keys: configuration.keys, clock: services.clock)
    }

    private var entrance: RoomEntrance { RoomEntrance(registry: registry, services: services) }

    /// One server for each address. The services of a server are its own; they share the rooms.
    func server(
        address: String?, port: Int, onRunning: @escaping @Sendable (any Channel) async -> Void
    ) -> any Service {
        let responder = router().buildResponder()
        let logger = services.logger
        let channel = SignalUpgradeChannel(
            responder: { request, writer, channel in
                let source = ApplicationRequestContextSource(channel: channel, logger: logger)
                let response = try await responder.respond(
                    to: request.withCollapsedSlashes, context: ServerRequestContext(source: source))
                try await writer.write(response: response.head, body: response.body)
            },
            admit: { head, peer in
                try await withSpan("livekit.join", context: TraceContext.of(head.headers), ofKind: .server) { span in
                    try await admit(head, peer, span)
                }
            },
            serve: { session, channel in
                switch session {
                case .signal(let session):
                    await SignalSocket(session, timeouts: configuration.timeouts, services: services).run(channel)
                case .agent(let apiKey):
                    let limit = configuration.limits.agentMessageBytes
                    await AgentSocket(apiKey: apiKey, maximumBytes: limit, services: services).run(channel)
                }
            },
            timeouts: configuration.timeouts,
            maximumFrameBytes: max(configuration.limits.signalMessageBytes, configuration.limits.agentMessageBytes),
            maximumBodyBytes: configuration.limits.requestBodyBytes + HTTPBounds.bodyOverrunBytes, services: services)
        return Listener(child: channel, address: address, port: port, logger: logger, onRunning: onRunning)
    }

    private func router() -> Router<ServerRequestContext> {
        let router = Router(context: ServerRequestContext.self, options: .autoGenerateHeadEndpoints)
        router.add(middleware: CrossOriginMiddleware())
        router.add(middleware: BodyLimitMiddleware(maximumBytes: configuration.limits.requestBodyBytes))
        router.add(middleware: AuthenticationMiddleware(authenticator: authenticator))
        router.get("/") { _, _ in
            let isFit = services.health.isFit(now: services.clock.now())
            return isFit ? Response(.ok, text: "OK") : Response(.notAcceptable, text: "Not Ready")
        }
        if configuration.isDevelopment {
            router.get("/debug/rooms") { _, _ in try await RoomDump.response(registry, now: services.clock.now()) }
        }
        addValidation("/rtc/validate", JoinParameters.Route(isValidation: true), to: router)
        addValidation("/rtc/v1/validate", JoinParameters.Route(needsJoinRequest: true, isValidation: true), to: router)
        let twirp = TwirpRouter.all(
            registry: registry, configuration: configuration, services: services)
        for method in [HTTPRequest.Method.get, .post, .put, .patch, .delete] {
            router.on("/twirp/**", method: method) { request, context in
                await services.observing(request, isKnown: twirp.has(request.uri.path)) { span in
                    await twirp.respond(to: request, claims: context.claims, span: span)
                }
            }
        }
        return router
    }

    // MARK: Joining

    /// Tells whether joining would be allowed: SDKs ask after a failed upgrade, whose answer browsers do not show.
    private func addValidation(
        _ path: String, _ route: JoinParameters.Route, to router: Router<ServerRequestContext>
    ) {
        router.get(RouterPath(path)) { request, context in
            let parameters = try parameters(request.uri, route, context.claims)
            try await entrance.check(parameters)
            return Response(.ok, text: "success")
        }
    }

    /// Decides about a request to upgrade to signalling.
    private func admit(
        _ head: HTTPRequestHead, _ peer: String?, _ span: any Span
    ) async throws(HTTPFailure) -> AdmittedSocket {
        let uri = URI(head.uri.collapsingSlashes)
        let address = ClientAddress.of(head.headers, peer: peer)
        span.attributes[TraceAttribute.route] = uri.path
        do {
            return try await admit(head, uri, address, span)
        } catch {
            span.attributes[TraceAttribute.status] = error.status.code
            services.logger.debug(
                "upgrade refused",
                metadata: ["path": "\(uri.path)", "address": "\(address)", "status": "\(error.status.code)"])
            throw error
        }
    }

    private func admit(
        _ head: HTTPRequestHead, _ uri: URI, _ address: String, _ span: any Span
    ) async throws(HTTPFailure) -> AdmittedSocket {
        let claims = try authenticator.claims(
            authorization: head.headers.first(name: "authorization"),
            accessToken: uri.queryParameters["access_token"].map(String.init))
        guard uri.path != "/agent" else { return try Self.admitWorker(claims) }
        let route = JoinParameters.Route(needsJoinRequest: uri.path == "/rtc/v1")
        var parameters = try checked(uri, route, claims)
        parameters.intent.client.address = address
        span.attributes[TraceAttribute.room] = parameters.room
        span.attributes[TraceAttribute.identity] = parameters.intent.identity
        warn(of: parameters)
        services.counters.joining(.rtcInit)
        var session = try await entrance.enter(parameters)
        session.context = span.context
        span.attributes[TraceAttribute.participant] = session.participant.rawValue
        services.logger.info(
            "client connected",
            metadata: [
                "room": "\(parameters.room)", "participant": "\(parameters.intent.identity)",
                "participantID": "\(session.participant)", "address": "\(address)",
            ])
        return .signal(session)
    }

    /// LiveKit's server takes such tokens too; its SDKs refuse to make them.
    private func warn(of parameters: JoinParameters) {
        guard let configuration = parameters.claims.roomConfiguration,
            (try? configuration.holdsStorageCredentials()) == true
        else { return }
        services.logger.warning(
            "a token holds credentials of storage or streams, which its holder can read",
            metadata: ["room": "\(parameters.room)", "participant": "\(parameters.intent.identity)"])
    }

    private static func admitWorker(_ claims: TokenClaims?) throws(HTTPFailure) -> AdmittedSocket {
        guard let claims, claims.video?.agent == true else {
            throw .unauthorized("no permissions to register a worker")
        }
        return .agent(apiKey: claims.issuer)
    }

    /// The same of a request to upgrade, where what is wrong is counted.
    private func checked(
        _ uri: URI, _ route: JoinParameters.Route, _ claims: TokenClaims?
    ) throws(HTTPFailure) -> JoinParameters {
        do {
            return try parameters(uri, route, claims)
        } catch {
            services.counters.joining(.signalValidationFailed)
            throw error
        }
    }

    private func parameters(
        _ uri: URI, _ route: JoinParameters.Route, _ claims: TokenClaims?
    ) throws(HTTPFailure) -> JoinParameters {
        var query: [String: String] = [:]
        for (name, value) in uri.queryParameters {
            query[String(name)] = String(value)
        }
        return try JoinParameters(query: query, route: route, claims: claims, limits: configuration.limits)
    }
}
