internal import HTTPTypes
internal import HummingbirdCore
internal import LiveKitCore
internal import NIOCore
internal import SwiftProtobuf
internal import Tracing

/// What a call came to.
struct TwirpAnswer: Sendable {
    var response: Response
    /// `nil` for a success.
    var error: TwirpError.Code?
}

/// Finds the method of a twirp call, and translates its body and its answer (protobuf or JSON).
struct TwirpRouter: Sendable {
    private enum Encoding {
        case protobuf, json
    }

    // Untyped errors: the compiler crashes on asynchronous closures with typed ones (Swift 6.3.1).
    private typealias Method =
        @Sendable (_ body: ByteBuffer, Encoding, TokenClaims?, any Span) async throws -> ByteBuffer

    private static let prefix = "/twirp/"
    /// LiveKit's services that this server does not have; their clients get a clean answer.
    private static let absentServices: Set<String> = [
        "livekit.SIP", "livekit.Connector",
    ]

    private var methods: [String: Method] = [:]
    private let requestLimit: Int

    init(requestLimit: Int) {
        self.requestLimit = requestLimit
    }

    /// Adds one method, `package.Service/Method`.
    mutating func add<Input: Message, Output: Message>(
        _ name: String,
        _ body: @escaping @Sendable (Input, TokenClaims?) async throws -> Output
    ) {
        methods[name] = { bytes, encoding, claims, span in
            let input: Input = try Self.decode(bytes, encoding)
            span.describe(input)
            return try Self.encode(try await body(input, claims), encoding)
        }
    }

    /// Whether the path names a method that is here.
    func has(_ path: String) -> Bool { methods[String(path.dropFirst(Self.prefix.count))] != nil }

    func respond(to request: Request, claims: TokenClaims?, span: any Span) async -> TwirpAnswer {
        do {
            return TwirpAnswer(response: try await call(request, claims, span))
        } catch is NIOTooManyBytesError {
            return TwirpAnswer(
                response: Response(.contentTooLarge, text: "request body too large"), error: .resourceExhausted)
        } catch {
            let error = error as? TwirpError ?? TwirpError(.internal, "internal error")
            return TwirpAnswer(response: error.response, error: error.code)
        }
    }

    private func call(_ request: Request, _ claims: TokenClaims?, _ span: any Span) async throws -> Response {
        guard request.method == .post else {
            throw TwirpError(.badRoute, "unsupported method \"\(request.method)\" (only POST is allowed)")
        }
        let name = String(request.uri.path.dropFirst(Self.prefix.count))
        guard let method = methods[name] else { throw missing(name) }
        let type = request.headers[.contentType] ?? ""
        let encoding = try Self.encoding(contentType: type)
        let body: ByteBuffer
        do {
            body = try await request.body.collect(upTo: requestLimit)
        } catch let error as NIOTooManyBytesError {
            throw error
        } catch {
            throw TwirpError(.malformed, "the request body could not be read")
        }
        let answer = try await method(body, encoding, claims, span)
        return Response(
            status: .ok,
            headers: [.contentType: encoding == .json ? "application/json" : "application/protobuf"],
            body: ResponseBody(byteBuffer: answer))
    }

    private func missing(_ name: String) -> TwirpError {
        let service = name.prefix { $0 != "/" }
        guard !Self.absentServices.contains(String(service)) else {
            return TwirpError(.unimplemented, "\(service) is not part of this server")
        }
        return TwirpError(.badRoute, "no handler for path \"\(Self.prefix + name)\"")
    }

    private static func encoding(contentType: String) throws(TwirpError) -> Encoding {
        let type = contentType.prefix { $0 != ";" }.filter { $0 != " " }.lowercased()
        switch type {
        case "application/json": return .json
        case "application/protobuf": return .protobuf
        default: throw TwirpError(.badRoute, "unexpected Content-Type: \"\(contentType)\"")
        }
    }

    private static func decode<Input: Message>(_ body: ByteBuffer, _ encoding: Encoding) throws(TwirpError) -> Input {
        do {
            switch encoding {
            case .protobuf:
                return try Input(serializedBytes: [UInt8](body.readableBytesView))
            case .json:
                var options = JSONDecodingOptions()
                options.ignoreUnknownFields = true
                return try Input(jsonUTF8Bytes: [UInt8](body.readableBytesView), options: options)
            }
        } catch {
            throw TwirpError(.malformed, "the request could not be decoded")
        }
    }

    private static func encode<Output: Message>(_ message: Output, _ encoding: Encoding) throws(TwirpError)
        -> ByteBuffer
    {
        do {
            switch encoding {
            case .protobuf:
                let bytes: [UInt8] = try message.serializedBytes()
                return ByteBuffer(bytes: bytes)
            case .json:
                var options = JSONEncodingOptions()
                options.preserveProtoFieldNames = true
                let bytes: [UInt8] = try message.jsonUTF8Bytes(options: options)
                return ByteBuffer(bytes: UnpopulatedJSON.completing(bytes, of: Output.self))
            }
        } catch {
            throw TwirpError(.internal, "the answer could not be encoded")
        }
    }
}
