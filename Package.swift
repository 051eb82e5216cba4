// swift-tools-version: 6.2
import PackageDescription

/// Settings shared by every target. Upcoming features are switched on from the first commit, because
/// each of them is a source break for code written without it.
let generatedSettings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .enableExperimentalFeature("Lifetimes"),
    .treatAllWarnings(as: .error),
]

/// Generated protobuf code alone goes without: each message's default instance is `nonisolated(unsafe)`.
let settings = generatedSettings + [.strictMemorySafety()]

let protobuf: Target.Dependency = .product(name: "SwiftProtobuf", package: "swift-protobuf")
let crypto: Target.Dependency = .product(name: "Crypto", package: "swift-crypto")
let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")
let nioCore: Target.Dependency = .product(name: "NIOCore", package: "swift-nio")
let nioPosix: Target.Dependency = .product(name: "NIOPosix", package: "swift-nio")
let nioHTTP1: Target.Dependency = .product(name: "NIOHTTP1", package: "swift-nio")
let nioWebSocket: Target.Dependency = .product(name: "NIOWebSocket", package: "swift-nio")
let nioSSL: Target.Dependency = .product(name: "NIOSSL", package: "swift-nio-ssl")
let hummingbird: Target.Dependency = .product(name: "Hummingbird", package: "hummingbird")
let hummingbirdCore: Target.Dependency = .product(name: "HummingbirdCore", package: "hummingbird")
let lifecycle: Target.Dependency = .product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let unixSignals: Target.Dependency = .product(name: "UnixSignals", package: "swift-service-lifecycle")
let metrics: Target.Dependency = .product(name: "Metrics", package: "swift-metrics")
let tracing: Target.Dependency = .product(name: "Tracing", package: "swift-distributed-tracing")
let httpClient: Target.Dependency = .product(name: "AsyncHTTPClient", package: "async-http-client")
let argumentParser: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")
let nioHTTPTypes: Target.Dependency = .product(name: "NIOHTTPTypes", package: "swift-nio-extras")
let nioHTTPTypesHTTP1: Target.Dependency = .product(name: "NIOHTTPTypesHTTP1", package: "swift-nio-extras")
let httpTypes: Target.Dependency = .product(name: "HTTPTypes", package: "swift-http-types")

let package = Package(
    name: "swift-livekit",
    platforms: [.macOS(.v26)],
    products: [
        .library(name: "LiveKitCore", targets: ["LiveKitCore"]),
        .library(name: "LiveKitClient", targets: ["LiveKitClient", "LiveKitMedia"]),
        .library(name: "LiveKitServerKit", targets: ["LiveKitServerKit"]),
        .library(name: "LiveKitServerAPI", targets: ["LiveKitServerAPI"]),
        .executable(name: "demo-server", targets: ["demo-server"]),
        .executable(name: "bot-publisher", targets: ["bot-publisher"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.0"),
        .package(url: "https://github.com/apple/swift-nio-extras", from: "1.35.0"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.0"),
        .package(url: "https://github.com/apple/swift-protobuf", from: "1.39.0"),
        .package(url: "https://github.com/apple/swift-crypto", "3.12.0"..<"5.0.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-distributed-tracing", from: "1.7.0"),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.0"),
    ],
    targets: [
        // C ground
        .systemLibrary(
            name: "CSRTP2", path: "Sources/CSRTP2", pkgConfig: "libsrtp2",
            providers: [.apt(["libsrtp2-dev"]), .brew(["srtp"])]),
        .systemLibrary(
            name: "COpenSSL", path: "Sources/COpenSSL", pkgConfig: "openssl",
            providers: [.apt(["libssl-dev"]), .brew(["openssl@3"])]),
        .systemLibrary(
            name: "CVPX", path: "Sources/CVPX", pkgConfig: "vpx",
            providers: [.apt(["libvpx-dev"]), .brew(["libvpx"])]),
        .systemLibrary(
            name: "COpus", path: "Sources/COpus", pkgConfig: "opus",
            providers: [.apt(["libopus-dev"]), .brew(["opus"])]),
        .systemLibrary(
            name: "CZlib", path: "Sources/CZlib", pkgConfig: "zlib",
            providers: [.apt(["zlib1g-dev"]), .brew(["zlib"])]),
        .systemLibrary(
            name: "CHiredis", path: "Sources/CHiredis", pkgConfig: "hiredis",
            providers: [.apt(["libhiredis-dev"]), .brew(["hiredis"])]),
        .target(name: "CLiveKitSystem"),

        // generated
        .target(name: "LiveKitProtobuf", dependencies: [protobuf], swiftSettings: generatedSettings),

        // values
        .target(name: "LiveKitCore", dependencies: ["LiveKitProtobuf", protobuf, crypto], swiftSettings: settings),

        // sans-I/O machines
        .target(name: "LiveKitRTC", dependencies: ["LiveKitCore", "COpenSSL", "CSRTP2"], swiftSettings: settings),

        // drivers
        .target(
            name: "LiveKitRTCTransport", dependencies: ["LiveKitCore", "LiveKitRTC", "CLiveKitSystem", logging],
            swiftSettings: settings),

        // between nodes
        .target(
            name: "LiveKitPSRPC",
            dependencies: [
                "LiveKitCore", "LiveKitProtobuf", "CHiredis", protobuf, crypto, logging, nioCore, nioPosix, nioSSL,
            ], swiftSettings: settings),

        // codecs
        .target(
            name: "LiveKitMedia", dependencies: ["LiveKitCore", "CVPX", "COpus", "CZlib"], swiftSettings: settings),

        // products
        .target(
            name: "LiveKitServerKit",
            dependencies: [
                "LiveKitCore", "LiveKitProtobuf", "LiveKitRTC", "LiveKitRTCTransport", "LiveKitPSRPC", "CZlib",
                protobuf, logging, metrics,
                tracing, httpClient, lifecycle, nioCore, nioPosix, nioHTTP1, nioWebSocket, nioSSL, hummingbird,
                hummingbirdCore, httpTypes,
                nioHTTPTypes, nioHTTPTypesHTTP1,
                .product(name: "Yams", package: "Yams"),
            ], swiftSettings: settings),
        .target(
            name: "LiveKitServerAPI",
            dependencies: ["LiveKitCore", "LiveKitProtobuf", protobuf, httpClient, nioCore, nioHTTP1],
            swiftSettings: settings),
        .target(
            name: "LiveKitClient",
            dependencies: [
                "LiveKitCore", "LiveKitProtobuf", "LiveKitRTC", "LiveKitRTCTransport", "LiveKitMedia", protobuf,
                logging, nioCore, nioPosix, nioHTTP1, nioWebSocket, nioSSL,
            ], swiftSettings: settings),

        // examples
        .executableTarget(
            name: "demo-server",
            dependencies: ["LiveKitCore", "LiveKitServerKit", lifecycle, unixSignals, logging, argumentParser],
            path: "Examples/demo-server", swiftSettings: settings),
        .executableTarget(
            name: "bot-publisher",
            dependencies: ["LiveKitCore", "LiveKitClient", "LiveKitMedia", logging, argumentParser],
            path: "Examples/bot-publisher", swiftSettings: settings),

        // benchmarks
        .executableTarget(
            name: "forwarding-load", dependencies: ["LiveKitCore", "LiveKitClient", argumentParser],
            path: "Tests/Benchmarks/forwarding-load", swiftSettings: settings),
        .executableTarget(
            name: "join-load", dependencies: ["LiveKitCore", "LiveKitClient", argumentParser],
            path: "Tests/Benchmarks/join-load", swiftSettings: settings),
        .executableTarget(
            name: "transport-figures",
            dependencies: [
                "LiveKitRTC", "LiveKitCore", "LiveKitTestSupport", "LiveKitTestCalls", "CongestionScenarios",
            ],
            path: "Tests/Benchmarks/transport-figures", swiftSettings: settings),

        // tests
        .target(
            name: "LiveKitTestSupport", dependencies: ["LiveKitCore"], path: "Tests/LiveKitTestSupport",
            swiftSettings: settings),
        // Simulated time for OpenSSL: interposes gettimeofday in whatever links it. Never in a product.
        .target(
            name: "CongestionScenarios", dependencies: ["LiveKitRTC", "LiveKitCore"],
            path: "Tests/CongestionScenarios", swiftSettings: settings),
        .target(name: "LiveKitTestClock", path: "Tests/LiveKitTestClock"),
        // Two peers of the engine on the simulated network.
        .target(
            name: "LiveKitTestCalls",
            dependencies: ["LiveKitRTC", "LiveKitCore", "LiveKitTestSupport", "LiveKitTestClock"],
            path: "Tests/LiveKitTestCalls", swiftSettings: settings),
        .testTarget(
            name: "LiveKitTestSupportTests", dependencies: ["LiveKitCore", "LiveKitTestSupport"],
            swiftSettings: settings),
        .testTarget(
            name: "LiveKitCoreTests", dependencies: ["LiveKitCore", "LiveKitProtobuf", "LiveKitTestSupport", protobuf],
            swiftSettings: settings),
        .testTarget(
            name: "LiveKitRTCTests",
            dependencies: [
                "LiveKitRTC", "LiveKitCore", "LiveKitTestSupport", "LiveKitTestClock", "LiveKitTestCalls",
                "CongestionScenarios", "COpenSSL",
                "CSRTP2",
            ],
            swiftSettings: settings),
        .testTarget(
            name: "LiveKitPSRPCTests",
            dependencies: [
                "LiveKitPSRPC", "LiveKitCore", "LiveKitProtobuf", "LiveKitTestSupport", protobuf, logging, nioCore,
                nioPosix, .product(name: "NIOEmbedded", package: "swift-nio"),
            ], swiftSettings: settings),
        .testTarget(
            name: "LiveKitMediaTests", dependencies: ["LiveKitMedia", "LiveKitCore", "LiveKitTestSupport"],
            swiftSettings: settings),
        .testTarget(
            name: "LiveKitRTCTransportTests",
            dependencies: ["LiveKitRTCTransport", "LiveKitRTC", "LiveKitCore", "LiveKitTestSupport"],
            swiftSettings: settings),
        .testTarget(
            name: "LiveKitServerKitTests",
            dependencies: [
                "LiveKitServerKit", "LiveKitCore", "LiveKitRTC", "LiveKitPSRPC", "LiveKitProtobuf",
                "LiveKitTestSupport", "LiveKitTestCalls", protobuf, logging, nioCore, nioPosix, nioHTTP1, nioWebSocket,
                httpTypes, metrics, lifecycle,
                crypto, "LiveKitRTCTransport", tracing,
                .product(name: "InMemoryTracing", package: "swift-distributed-tracing"),
                .product(name: "NIOEmbedded", package: "swift-nio"),
            ], swiftSettings: settings),
        .testTarget(
            name: "LiveKitServerAPITests",
            dependencies: [
                "LiveKitServerAPI", "LiveKitServerKit", "LiveKitClient", "LiveKitCore", "LiveKitProtobuf",
                "LiveKitTestSupport", logging, protobuf, nioCore, nioPosix, nioHTTP1,
            ],
            swiftSettings: settings),
        .testTarget(
            name: "LiveKitClientTests",
            dependencies: [
                "LiveKitClient", "LiveKitCore", "LiveKitRTC", "LiveKitRTCTransport", "LiveKitMedia", "LiveKitProtobuf",
                "LiveKitTestSupport", protobuf, nioCore, nioPosix, nioHTTP1, nioWebSocket,
            ], swiftSettings: settings),
        .testTarget(
            name: "EndToEndTests",
            dependencies: [
                "LiveKitServerKit", "LiveKitPSRPC", "LiveKitClient", "LiveKitCore", "LiveKitMedia", "LiveKitProtobuf",
                "LiveKitRTC",
                "LiveKitRTCTransport", "LiveKitTestSupport", nioCore, nioPosix, nioSSL,
            ], swiftSettings: settings),
        .testTarget(name: "TidyTests", swiftSettings: settings),
    ]
)
