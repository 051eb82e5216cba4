internal import Foundation
internal import LiveKitCore
internal import LiveKitProtobuf

/// What a client says in the query of `/rtc`, and what its token allows: everything needed to try to join.
struct JoinParameters: Sendable {
    var room: String
    var intent: JoinIntent
    var claims: TokenClaims
    /// Whether the client wants to go on with a session that it had.
    var isResume: Bool

    /// Reads and checks a request to join.
    ///
    /// - Throws: ``HTTPFailure`` with LiveKit's status codes.
    init(
        query: [String: String], claims: TokenClaims?, limits: LiveKitServerConfiguration.Limits
    ) throws(HTTPFailure) {
        guard let claims, let grant = claims.video, grant.roomJoin else {
            throw .unauthorized("no permissions to access the room")
        }
        guard !claims.identity.isEmpty else { throw .badRequest("identity cannot be empty") }
        guard limits.allows(identity: claims.identity) else { throw .badRequest("identity exceeds the limit") }
        guard limits.allows(name: claims.name) else { throw .badRequest("name exceeds the limit") }
        let room = grant.room
        guard !room.isEmpty else { throw .badRequest("no room name") }
        guard limits.allows(roomName: room) else { throw .badRequest("room name exceeds the limit") }
        guard limits.allows(metadata: claims.metadata), limits.allows(attributes: claims.attributes) else {
            throw .badRequest("metadata or attributes exceed the limit")
        }

        self.room = room
        self.claims = claims
        isResume = Self.isSet(query["reconnect"])
        intent = JoinIntent(identity: claims.identity)
        intent.name = claims.name
        intent.metadata = claims.metadata
        intent.attributes = claims.attributes
        intent.kind = claims.kind
        intent.kindDetails = claims.kindDetails
        intent.permission = grant.participantPermission
        intent.client = Self.client(query)
        intent.subscribesAutomatically = query["auto_subscribe"].map { Self.isSet($0) } ?? true
        try mergeAttributes(query["attributes"], limits: limits)
    }

    /// Attributes that the client adds to those of its token, as base64url of JSON. Empty values are ignored.
    private mutating func mergeAttributes(
        _ text: String?, limits: LiveKitServerConfiguration.Limits
    ) throws(HTTPFailure) {
        guard let text, !text.isEmpty, intent.permission.canUpdateMetadata else { return }
        guard let data = Data(base64URL: text),
            let added = try? JSONDecoder().decode([String: String].self, from: data)
        else { throw .badRequest("attributes are not base64url of a JSON object") }
        intent.attributes.merge(LimitingAttribute.permitted(added).filter { !$0.value.isEmpty }) { _, new in new }
        guard limits.allows(attributes: intent.attributes) else { throw .badRequest("attributes exceed the limit") }
    }

    private static func isSet(_ value: String?) -> Bool {
        value == "1" || value == "true"
    }

    private static func client(_ query: [String: String]) -> Livekit_ClientInfo {
        var client = Livekit_ClientInfo()
        client.sdk = sdks[query["sdk"] ?? ""] ?? .unknown
        client.version = query["version"] ?? ""
        client.protocol = Int32(query["protocol"] ?? "") ?? 0
        client.clientProtocol = Int32(query["client_protocol"] ?? "") ?? 0
        client.os = query["os"] ?? ""
        client.osVersion = query["os_version"] ?? ""
        client.browser = query["browser"] ?? ""
        client.browserVersion = query["browser_version"] ?? ""
        client.deviceModel = query["device_model"] ?? ""
        client.network = query["network"] ?? ""
        client.capabilities = (query["capabilities"] ?? "").split(separator: ",").prefix(16).compactMap {
            Int($0).flatMap(Livekit_ClientInfo.Capability.init(rawValue:)) ?? capabilities[$0.lowercased()]
        }
        return client
    }

    private static let capabilities: [String: Livekit_ClientInfo.Capability] = [
        "cap_packet_trailer": .capPacketTrailer,
        "cap_compression_deflate_raw": .capCompressionDeflateRaw,
    ]

    private static let sdks: [String: Livekit_ClientInfo.SDK] = [
        "js": .js, "ios": .swift, "swift": .swift, "android": .android, "flutter": .flutter, "go": .go,
        "unity": .unity, "reactnative": .reactNative, "rust": .rust, "python": .python, "cpp": .cpp,
        "unityweb": .unityWeb, "node": .node, "unreal": .unreal, "esp32": .esp32, "dotnet": .dotnet,
    ]
}

extension Data {
    /// Decodes base64url, with or without padding (RFC 4648 §5).
    init?(base64URL text: String) {
        var plain = text.replacingOccurrences(of: "-", with: "+").replacingOccurrences(of: "_", with: "/")
        while !plain.utf8.count.isMultiple(of: 4) { plain += "=" }
        self.init(base64Encoded: plain)
    }
}
