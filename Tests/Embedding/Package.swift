// swift-tools-version: 6.2
import PackageDescription

/// What a user's package looks like. `TokenOnly` is a back end that makes tokens; `BackEnd` one that calls the server's
/// API and receives webhooks; `InProcess` runs a server and
/// two clients in one process.
let package = Package(
    name: "embedding",
    platforms: [.macOS(.v26)],
    dependencies: [.package(name: "swift-livekit", path: "../..")],
    targets: [
        .executableTarget(name: "TokenOnly", dependencies: [.product(name: "LiveKitCore", package: "swift-livekit")]),
        .executableTarget(
            name: "BackEnd", dependencies: [.product(name: "LiveKitServerAPI", package: "swift-livekit")]),
        .executableTarget(
            name: "InProcess",
            dependencies: [
                .product(name: "LiveKitCore", package: "swift-livekit"),
                .product(name: "LiveKitServerKit", package: "swift-livekit"),
                .product(name: "LiveKitClient", package: "swift-livekit"),
            ]),
    ]
)
