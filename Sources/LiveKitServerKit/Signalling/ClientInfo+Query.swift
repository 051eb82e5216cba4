internal import LiveKitProtobuf

extension Livekit_ClientInfo {
    /// What a client says of itself in the query of `/rtc`.
    init(query: [String: String]) {
        self.init()
        sdk = Self.sdks[query["sdk"] ?? ""] ?? .unknown
        version = query["version"] ?? ""
        self.protocol = Int32(query["protocol"] ?? "") ?? 0
        clientProtocol = Int32(query["client_protocol"] ?? "") ?? 0
        os = query["os"] ?? ""
        osVersion = query["os_version"] ?? ""
        browser = query["browser"] ?? ""
        browserVersion = query["browser_version"] ?? ""
        deviceModel = query["device_model"] ?? ""
        network = query["network"] ?? ""
        capabilities = (query["capabilities"] ?? "").split(separator: ",").prefix(16).compactMap {
            Int($0).flatMap(Capability.init(rawValue:)) ?? Self.capabilityNames[$0.lowercased()]
        }
    }

    private static let capabilityNames: [String: Capability] = [
        "cap_packet_trailer": .capPacketTrailer,
        "cap_compression_deflate_raw": .capCompressionDeflateRaw,
    ]

    private static let sdks: [String: SDK] = [
        "js": .js, "ios": .swift, "swift": .swift, "android": .android, "flutter": .flutter, "go": .go,
        "unity": .unity, "reactnative": .reactNative, "rust": .rust, "python": .python, "cpp": .cpp,
        "unityweb": .unityWeb, "node": .node, "unreal": .unreal, "esp32": .esp32, "dotnet": .dotnet,
    ]
}
