import NIOCore
import NIOPosix

struct HTTPAnswer: Sendable {
    var status: Int
    var headers: [String: String]
    var body: String
}

/// One request over a connection of its own, written and read by hand.
enum HTTPClient {
    static func request(
        port: Int, _ method: String, _ target: String, headers: [String: String] = [:], body: String = ""
    ) async throws -> HTTPAnswer {
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connect(host: "127.0.0.1", port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
                }
            }
        return try await channel.executeThenClose { inbound, outbound in
            var text = "\(method) \(target) HTTP/1.1\r\nHost: test\r\n"
            if headers["Connection"] == nil { text += "Connection: close\r\n" }
            for (name, value) in headers { text += "\(name): \(value)\r\n" }
            text += "Content-Length: \(body.utf8.count)\r\n\r\n\(body)"
            try await outbound.write(ByteBuffer(string: text))
            var answer = ""
            for try await part in inbound { answer += String(buffer: part) }
            return parse(answer)
        }
    }

    private static func parse(_ text: String) -> HTTPAnswer {
        let parts = text.split(separator: "\r\n\r\n", maxSplits: 1, omittingEmptySubsequences: false)
        let lines = parts.first?.split(separator: "\r\n") ?? []
        let status = lines.first?.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
        var headers: [String: String] = [:]
        for line in lines.dropFirst() {
            guard let colon = line.firstIndex(of: ":") else { continue }
            headers[line[..<colon].lowercased()] = line[line.index(after: colon)...].trimmingPrefix(" ").description
        }
        return HTTPAnswer(status: status, headers: headers, body: parts.count > 1 ? String(parts[1]) : "")
    }
}
