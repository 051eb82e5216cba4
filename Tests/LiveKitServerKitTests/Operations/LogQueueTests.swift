import Foundation
import Logging
import Testing

@testable import LiveKitServerKit

@Suite("A log that nobody reads", .timeLimit(.minutes(1)))
struct LogQueueTests {
    /// Reads until a text comes, or the pipe ends.
    private func read(_ pipe: Pipe, until text: String) -> String {
        var all = ""
        while !all.contains(text) {
            let part = pipe.fileHandleForReading.availableData
            if part.isEmpty { break }
            all += String(decoding: part, as: UTF8.self)
        }
        return all
    }

    @Test("Lines beyond the bound are dropped and counted, and nobody waits; the log tells of it once it is read")
    func fullPipe() async throws {
        let pipe = Pipe()
        let queue = LogQueue(pipe.fileHandleForWriting)
        let line = String(repeating: "x", count: 1023) + "\n"
        // Twice as much as waits at most, and as a pipe holds (pipe(7): 64 KiB).
        let count = 2 * (LogQueue.capacity + 65_536) / 1024
        for _ in 0..<count { queue.write(line) }
        let dropped = queue.takeDropped()
        #expect(dropped >= count - (LogQueue.capacity + 2 * 65_536) / 1024 && dropped < count)
        #expect(queue.takeDropped() == 0)
        let reading = Task.detached { read(pipe, until: "the end\n") }
        await queue.flush(within: .seconds(20))
        queue.write("the end\n")
        let text = await reading.value
        #expect(text.contains("\(dropped) lines of the log were dropped"))
        #expect(text.components(separatedBy: "\n").count { $0.hasPrefix("xxx") } == count - dropped)
    }

    @Test("A server whose log is a full pipe serves on")
    func servesOn() async throws {
        let pipe = Pipe()
        let queue = LogQueue(pipe.fileHandleForWriting)
        queue.write(String(repeating: "x", count: 200_000) + "\n")
        var logger = Logger(label: "livekit.server") { label in
            TextLogHandler(label: label, level: .trace, write: { queue.write($0) })
        }
        logger.logLevel = .trace
        try await TestServer.with(logger: logger) { server in
            for index in 0..<20 {
                let client = try await server.signal("participant-\(index)")
                _ = try await client.join()
                try await client.ping()
            }
            #expect(try await HTTPClient.request(port: server.port, "GET", "/").status == 200)
        }
        // The pipe was full all the time.
        let reading = Task.detached { read(pipe, until: "participant-19") }
        let text = await reading.value
        #expect(text.hasPrefix(String(repeating: "x", count: 200_000)) && text.contains("participant joined"))
    }

    @Test("A text line is one line, whatever is logged")
    func textLines() {
        let lines = Lines()
        var logger = Logger(label: "livekit.server") { label in
            TextLogHandler(label: label, level: .info, write: { lines.add($0) })
        }
        logger[metadataKey: "room"] = "a\nb\u{1B}[31m"
        logger.warning("what\rever")
        logger.debug("not written")
        #expect(lines.all.count == 1)
        #expect(lines.all.first?.hasSuffix(" warning livekit.server: room=a b [31m what ever\n") == true)
    }
}
