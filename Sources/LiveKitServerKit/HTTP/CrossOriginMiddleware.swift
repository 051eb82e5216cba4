internal import HTTPTypes
internal import Hummingbird
internal import HummingbirdCore
internal import Logging

/// Lets pages of any origin use the server, and turns every error into an answer that they may read.
struct CrossOriginMiddleware: RouterMiddleware {
    typealias Context = ServerRequestContext

    func handle(
        _ request: Request, context: Context, next: @concurrent (Request, Context) async throws -> Response
    ) async throws -> Response {
        guard request.method != .options else { return preflight(request) }
        var response: Response
        do {
            response = try await next(request, context)
        } catch let failure as HTTPFailure {
            response = Response(failure)
        } catch let error as any HTTPResponseError {
            response = Response(error.status, text: error.status.reasonPhrase)
        } catch {
            context.logger.error("request failed", metadata: ["error": "\(error)"])
            response = Response(.internalServerError, text: "internal error")
        }
        response.headers.allowAnyOrigin()
        return response
    }

    private func preflight(_ request: Request) -> Response {
        var response = Response(status: .noContent)
        response.headers.allowAnyOrigin()
        response.headers[.accessControlAllowMethods] = "OPTIONS, HEAD, GET, POST, PATCH, DELETE"
        response.headers[.accessControlAllowHeaders] = request.headers[.accessControlRequestHeaders] ?? "*"
        response.headers[.accessControlMaxAge] = "\(HTTPBounds.preflightMaximumAge)"
        return response
    }
}
