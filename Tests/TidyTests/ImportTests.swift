import Testing

@Suite("Imports: the floors of Docs/Architecture.md")
struct ImportTests {
    /// What each target may import. A target that is not here fails: say what it may use.
    private static let allowed: [String: Set<String>] = [
        "LiveKitProtobuf": ["SwiftProtobuf"],
        "LiveKitCore": ["LiveKitProtobuf", "SwiftProtobuf", "Crypto"],
        "LiveKitRTC": ["LiveKitCore", "COpenSSL", "CSRTP2"],
        "LiveKitRTCTransport": ["LiveKitCore", "LiveKitRTC", "CLiveKitSystem", "Glibc", "Synchronization", "Logging"],
        "LiveKitMedia": ["LiveKitCore", "CVPX", "COpus", "CZlib", "Foundation", "Glibc", "Musl", "Darwin"],
        "LiveKitPSRPC": [
            "LiveKitCore", "LiveKitProtobuf", "SwiftProtobuf", "CHiredis", "Crypto", "Foundation", "Logging",
            "Synchronization",
            "NIOCore", "NIOPosix", "NIOSSL",
        ],
        "LiveKitServerKit": control.union([
            "LiveKitRTC", "LiveKitRTCTransport", "LiveKitPSRPC", "Hummingbird", "HummingbirdCore", "HTTPTypes",
            "NIOHTTPTypes",
            "NIOHTTPTypesHTTP1", "ServiceLifecycle", "Metrics", "Yams", "Tracing", "AsyncHTTPClient", "CZlib",
        ]),
        "LiveKitServerAPI": [
            "LiveKitCore", "LiveKitProtobuf", "SwiftProtobuf", "AsyncHTTPClient", "NIOCore", "NIOHTTP1", "Foundation",
        ],
        "LiveKitClient": control.union(["LiveKitRTC", "LiveKitRTCTransport", "LiveKitMedia"]),
        "demo-server": example.union(["LiveKitServerKit", "UnixSignals"]),
        "bot-publisher": example.union(["LiveKitClient", "LiveKitMedia", "Dispatch"]),
    ]
    private static let control: Set = [
        "LiveKitCore", "LiveKitProtobuf", "SwiftProtobuf", "Foundation", "Logging", "Synchronization", "NIOCore",
        "NIOPosix", "NIOSSL", "NIOHTTP1", "NIOWebSocket",
    ]
    private static let example: Set = [
        "LiveKitCore", "Foundation", "Logging", "ServiceLifecycle", "ArgumentParser", "Synchronization",
    ]
    private static let cModules: Set = ["COpenSSL", "CSRTP2", "CVPX", "COpus", "CZlib", "CHiredis", "CLiveKitSystem"]

    @Test("A file imports only what its floor may use")
    func staysOnItsFloor() {
        for file in SourceTree.shipped {
            guard let allowed = Self.allowed[file.target] else {
                Issue.record("\(file.path): say in ImportTests what the target \(file.target) may import")
                continue
            }
            for found in file.imports where !allowed.contains(found.module) {
                Issue.record("\(file.path):\(found.line): \(file.target) may not import \(found.module)")
            }
        }
    }

    @Test("Every import of a library says its access level")
    func saysItsAccessLevel() {
        for file in SourceTree.shipped where file.path.hasPrefix("Sources/") {
            for found in file.imports where found.access == nil {
                Issue.record("\(file.path):\(found.line): `import \(found.module)` without access level")
            }
        }
    }

    @Test("C modules show in no interface")
    func hidesC() {
        for file in SourceTree.shipped {
            for found in file.imports where Self.cModules.contains(found.module) && found.access != "internal" {
                Issue.record("\(file.path):\(found.line): \(found.module) is imported as \(found.access ?? "nothing")")
            }
        }
    }

    /// What the server's configuration is made of; its fuzzer compiles that and nothing else (Tests/Fuzz/Package.swift).
    private static func isConfiguration(_ file: SwiftSource) -> Bool {
        file.path.hasPrefix("Sources/LiveKitServerKit/Configuration/") || file.path.hasSuffix("/AgentBounds.swift")
    }

    @Test("The server's configuration knows none of what it configures")
    func configurationStandsAlone() throws {
        let server = SourceTree.shipped.filter { $0.target == "LiveKitServerKit" }
        let declaration = /(?:^|\n)(?:[a-z]+ )*(?:struct|enum|class|actor|protocol) (\w+)/
        var others: Set<Substring> = []
        for file in server where !Self.isConfiguration(file) {
            others.formUnion(file.code.matches(of: declaration).map(\.output.1))
        }
        #expect(others.contains("RoomRegistry"))
        for file in server where Self.isConfiguration(file) {
            others.subtract(file.code.matches(of: /(?:struct|enum) (\w+)/).map(\.output.1))
        }
        for file in server where Self.isConfiguration(file) {
            for word in Set(file.code.split { !$0.isLetter && !$0.isNumber && $0 != "_" }) where others.contains(word) {
                Issue.record("\(file.path) speaks of \(word)")
            }
        }
    }

    @Test("The tables name targets that exist")
    func tableIsCurrent() {
        let present = Set(SourceTree.shipped.map(\.target)).union(["LiveKitProtobuf"])
        for target in Self.allowed.keys where !present.contains(target) {
            Issue.record("ImportTests speaks of \(target), which has no sources")
        }
    }
}
