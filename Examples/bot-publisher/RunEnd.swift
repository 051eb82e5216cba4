import Dispatch
import Foundation
import LiveKitClient

/// When a run is over: its time is up, somebody presses control-C, or the room is gone.
struct RunEnd: Sendable {
    let duration: Double?
    let room: Room

    /// Returns at the end; throws when the room was lost.
    func wait() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            if let duration { group.addTask { try await Task.sleep(for: .seconds(duration)) } }
            group.addTask { await Self.interruption() }
            group.addTask { [room] in
                for await event in room.events {
                    if case .disconnected(let error) = event { throw error ?? LiveKitError(.cancelled) }
                }
            }
            defer { group.cancelAll() }
            try await group.next()
        }
    }

    private static func interruption() async {
        signal(SIGINT, SIG_IGN)
        let (signals, queue) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let source = DispatchSource.makeSignalSource(signal: SIGINT)
        source.setEventHandler { queue.yield() }
        source.resume()
        for await _ in signals { break }
        source.cancel()
    }
}
