import Foundation

/// ffmpeg as a second opinion on files that this module writes; tests with it are skipped where it is missing.
enum FFmpeg {
    static let path: String? = ["/usr/bin/ffmpeg", "/usr/local/bin/ffmpeg", "/opt/homebrew/bin/ffmpeg"]
        .first { FileManager.default.isExecutableFile(atPath: $0) }

    /// Decodes a file to raw pixels or samples on standard output. Every complaint makes it fail.
    static func decode(_ file: URL, to format: [String]) throws -> [UInt8] {
        let process = Process()
        let output = Pipe()
        process.executableURL = URL(filePath: path ?? "")
        process.arguments = ["-v", "error", "-xerror", "-i", file.path] + format + ["-"]
        process.standardOutput = output
        process.standardInput = FileHandle.nullDevice
        try process.run()
        let data = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw CocoaError(.fileReadCorruptFile) }
        return [UInt8](data)
    }

    /// A file that is removed when `body` returns.
    static func withFile<Result>(named name: String, _ body: (URL) throws -> Result) throws -> Result {
        let file = FileManager.default.temporaryDirectory.appending(path: "\(UUID().uuidString)-\(name)")
        defer { try? FileManager.default.removeItem(at: file) }
        return try body(file)
    }
}
