internal import HTTPTypes
internal import NIOHTTP1
internal import Tracing

/// Traces that go on from a request's header, in whatever form the process's tracer writes them there.
enum TraceContext {
    /// The context of a handshake.
    static func of(_ headers: HTTPHeaders) -> ServiceContext { extracted(from: headers, by: HandshakeExtractor()) }

    /// The context of a request.
    static func of(_ fields: HTTPFields) -> ServiceContext { extracted(from: fields, by: FieldExtractor()) }

    private static func extracted<E: Extractor>(from carrier: E.Carrier, by extractor: E) -> ServiceContext
    where E.Carrier: Sendable {
        var context = ServiceContext.topLevel
        InstrumentationSystem.instrument.extract(carrier, into: &context, using: extractor)
        return context
    }

    private struct HandshakeExtractor: Extractor {
        func extract(key: String, from headers: HTTPHeaders) -> String? { headers.first(name: key) }
    }

    private struct FieldExtractor: Extractor {
        func extract(key: String, from fields: HTTPFields) -> String? { HTTPField.Name(key).flatMap { fields[$0] } }
    }
}

/// What spans say.
enum TraceAttribute {
    static let room = "livekit.room"
    static let identity = "livekit.participant.identity"
    static let participant = "livekit.participant.id"
    static let track = "livekit.track.id"
    static let message = "livekit.signal.message"
    static let route = "http.route"
    static let status = "http.response.status_code"
}
