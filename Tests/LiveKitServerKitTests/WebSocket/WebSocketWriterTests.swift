import NIOCore
import NIOWebSocket
import Testing

@testable import LiveKitServerKit

@Suite("What a WebSocket sends, RFC 6455 §5.5.1", .timeLimit(.minutes(1)))
struct WebSocketWriterTests {
    @Test("A close frame is the last one, however many tasks write", arguments: 1...20)
    func closeIsLast(_ seed: UInt64) async throws {
        let (outbound, sink) = NIOAsyncChannelOutboundWriter<WebSocketFrame>.makeTestingWriter()
        let writer = WebSocketWriter(outbound)
        let written = try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<3 {
                group.addTask {
                    var count = 0
                    for _ in 0..<200 {
                        do {
                            try await writer.write(WebSocketFrame(fin: true, opcode: .binary, data: ByteBuffer()))
                            count += 1
                        } catch { break }
                    }
                    return count
                }
            }
            group.addTask {
                for _ in 0..<seed { await Task.yield() }
                try await writer.close(.dataInconsistentWithMessage)
                return 1
            }
            return try await group.reduce(0, +)
        }
        await #expect(throws: ChannelError.self) { try await writer.close(.normalClosure) }
        outbound.finish()
        var frames: [WebSocketFrame] = []
        for await frame in sink { frames.append(frame) }
        #expect(frames.count == written)
        #expect(frames.firstIndex { $0.opcode == .connectionClose } == frames.count - 1)
    }
}
