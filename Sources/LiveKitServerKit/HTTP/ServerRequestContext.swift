internal import Hummingbird
internal import LiveKitCore

/// What middleware finds out about a request.
struct ServerRequestContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    /// What the request's token claims; `nil` when it has none.
    var claims: TokenClaims?

    init(source: ApplicationRequestContextSource) {
        coreContext = CoreRequestContextStorage(source: source)
    }
}
