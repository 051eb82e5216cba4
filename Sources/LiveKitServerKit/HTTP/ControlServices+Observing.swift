internal import HTTPTypes
internal import HummingbirdCore
internal import LiveKitCore
internal import Tracing

extension ControlServices {
    /// Answers an API request, counts and times it, and makes a span of it. A method that is not known is the client's
    /// word, of which there are endlessly many, and goes by `other`.
    func observing(_ request: Request, isKnown: Bool, _ respond: (any Span) async -> TwirpAnswer) async
        -> Response
    {
        let began = clock.now()
        let names = request.uri.path.split(separator: "/").dropFirst()
        return await withSpan("livekit.api", context: TraceContext.of(request.headers), ofKind: .server) { span in
            let answer = await respond(span)
            let response = answer.response
            let service = isKnown ? names.first?.split(separator: ".").last.map(String.init) ?? "" : "other"
            let method = isKnown ? names.last.map(String.init) ?? "" : "other"
            span.attributes["rpc.system"] = "twirp"
            span.attributes["rpc.service"] = service
            span.attributes["rpc.method"] = method
            span.attributes[TraceAttribute.status] = response.status.code
            counters.answered(
                service: service, method: method, status: response.status.code, code: answer.error?.rawValue ?? "",
                after: clock.now() - began)
            return response
        }
    }
}
