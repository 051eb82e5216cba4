internal import HTTPTypes
internal import Hummingbird
internal import HummingbirdCore

/// Refuses a request whose body says that it is too long, before any of it is read. A body that does not say so is
/// counted where it is read, and by ``RequestGuard`` where nobody reads it.
struct BodyLimitMiddleware<Context: RequestContext>: RouterMiddleware {
    let maximumBytes: Int

    func handle(
        _ request: Request, context: Context, next: @concurrent (Request, Context) async throws -> Response
    ) async throws -> Response {
        if let length = request.headers[.contentLength].flatMap({ Int($0) }), length > maximumBytes {
            return Response(.contentTooLarge, text: "request body too large")
        }
        return try await next(request, context)
    }
}
