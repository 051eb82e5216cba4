// swift-tools-version: 6.2
import PackageDescription

/// The fuzzers are a package of their own, because all of it is built with the fuzzer's coverage. It takes the
/// targets it needs from the sources themselves, through the link `Sources`: what is `package` there is
/// `package` here, and no server is built.
let features: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .enableExperimentalFeature("Lifetimes"),
]
let settings = features + [.strictMemorySafety()]

let protobuf: Target.Dependency = .product(name: "SwiftProtobuf", package: "swift-protobuf")

func fuzzer(_ name: String, _ dependencies: [Target.Dependency] = ["LiveKitCore"]) -> Target {
    .executableTarget(
        name: name, dependencies: dependencies + ["FuzzInput"], path: "Targets/\(name)", swiftSettings: settings)
}

/// A machine as a whole, under its model: the model's files are links to those that `swift test` runs too.
func machine(_ name: String) -> Target {
    fuzzer(name, ["LiveKitCore", "LiveKitRTC"])
}

let package = Package(
    name: "swift-livekit-fuzz",
    dependencies: [
        .package(url: "https://github.com/apple/swift-protobuf", from: "1.39.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.0"),
        .package(url: "https://github.com/apple/swift-crypto", "3.12.0"..<"5.0.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.0"),
    ],
    targets: [
        .target(name: "LiveKitProtobuf", dependencies: [protobuf], swiftSettings: features),
        .target(
            name: "LiveKitCore",
            dependencies: ["LiveKitProtobuf", protobuf, .product(name: "Crypto", package: "swift-crypto")],
            swiftSettings: settings),
        .systemLibrary(name: "COpenSSL", pkgConfig: "openssl"),
        .systemLibrary(name: "CSRTP2", pkgConfig: "libsrtp2"),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib"),
        .target(name: "LiveKitRTC", dependencies: ["LiveKitCore", "COpenSSL", "CSRTP2"], swiftSettings: settings),
        .target(name: "CLiveKitSystem"),
        .target(
            name: "LiveKitRTCTransport",
            dependencies: [
                "LiveKitCore", "LiveKitRTC", "CLiveKitSystem", .product(name: "Logging", package: "swift-log"),
            ], swiftSettings: settings),
        // Of the server only what reads its configuration.
        .target(
            name: "ServerConfiguration",
            dependencies: [
                "LiveKitCore", "LiveKitProtobuf", "LiveKitRTC", "LiveKitRTCTransport", protobuf,
                .product(name: "Logging", package: "swift-log"), .product(name: "Yams", package: "Yams"),
            ], path: "Sources/LiveKitServerKit", sources: ["Configuration", "Agents/AgentBounds.swift"],
            swiftSettings: settings),
        .target(name: "FuzzInput", path: "Targets/FuzzInput", swiftSettings: settings),
        fuzzer("FuzzSTUN"),
        fuzzer("FuzzRTP"),
        fuzzer("FuzzRTCP"),
        fuzzer("FuzzSDP"),
        fuzzer("FuzzSCTP"),
        fuzzer("FuzzVP8"),
        fuzzer("FuzzRED"),
        fuzzer("FuzzHeaderExtensions"),
        fuzzer("FuzzTransportFeedback"),
        fuzzer("FuzzDCEP"),
        fuzzer("FuzzToken"),
        fuzzer("FuzzConfiguration", ["ServerConfiguration"]),
        fuzzer("FuzzSignal", ["LiveKitProtobuf", protobuf]),
        fuzzer(
            "FuzzWebSocket",
            [
                "LiveKitCore", "CZlib", .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOWebSocket", package: "swift-nio"),
            ]),
        machine("FuzzSCTPAssociation"),
        machine("FuzzICEAgent"),
        machine("FuzzDTLSTransport"),
        machine("FuzzPeerConnection"),
        machine("FuzzNegotiator"),
        machine("FuzzTURNServer"),
        machine("FuzzTURNClient"),
        machine("FuzzJitterBuffers"),
        machine("FuzzFlexFEC"),
    ]
)
