internal import HTTPTypes
internal import Hummingbird
internal import HummingbirdCore
internal import LiveKitCore

/// Reads the token of each request. One that does not hold ends the request, whatever its path.
struct AuthenticationMiddleware: RouterMiddleware {
    typealias Context = ServerRequestContext

    let authenticator: RequestAuthenticator

    func handle(
        _ request: Request, context: Context, next: @concurrent (Request, Context) async throws -> Response
    ) async throws -> Response {
        var context = context
        let accessToken = request.uri.queryParameters["access_token"].map(String.init)
        do {
            context.claims = try authenticator.claims(
                authorization: request.headers[.authorization], accessToken: accessToken)
        } catch {
            guard request.uri.path.hasPrefix("/twirp/") else { throw error }
            return TwirpError(.unauthenticated, error.message).response
        }
        return try await next(request, context)
    }
}
