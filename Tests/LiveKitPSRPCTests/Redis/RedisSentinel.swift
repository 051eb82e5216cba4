import Foundation
import LiveKitTestSupport

/// A real sentinel that knows no master yet.
final class RedisSentinel {
    private let folder: URL
    private let server: RedisServerProcess

    init() throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "sentinel-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let file = folder.appending(path: "sentinel.conf")
        // A sentinel writes down what it learns, in the file that it starts from.
        try Data().write(to: file)
        server = try RedisServerProcess(["--sentinel"], configuration: [file.path])
    }

    deinit {
        server.kill()
        try? FileManager.default.removeItem(at: folder)
    }

    var port: Int { server.port }
}
