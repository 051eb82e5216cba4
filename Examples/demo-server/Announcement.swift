internal import Foundation
internal import LiveKitServerKit

/// Writes the banner once the server has started.
struct Announcement {
    let server: LiveKitServer
    let banner: Banner

    func run() async throws {
        let port = try await server.started()
        let text = banner.text(port: port, udpPort: server.udpPort)
        FileHandle.standardOutput.write(Data((text + "\n").utf8))
    }
}
