internal import Foundation
internal import LiveKitServerKit
internal import ServiceLifecycle

/// Writes the banner once the server has started, and then waits for the end with it.
struct Announcement: Service {
    let server: LiveKitServer
    let banner: Banner

    func run() async throws {
        let port = try await server.started()
        let text = banner.text(port: port, udpPort: server.udpPort)
        FileHandle.standardOutput.write(Data((text + "\n").utf8))
        try await gracefulShutdown()
    }
}
