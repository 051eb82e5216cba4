// swift-tools-version: 6.2
import PackageDescription

let package = Package(
    name: "benchmarks",
    platforms: [.macOS(.v26)],
    dependencies: [
        .package(name: "swift-livekit", path: "../.."),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
    ],
    targets: [
        .executableTarget(
            name: "forwarding-load",
            dependencies: [
                .product(name: "LiveKitCore", package: "swift-livekit"),
                .product(name: "LiveKitClient", package: "swift-livekit"),
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ])
    ]
)
