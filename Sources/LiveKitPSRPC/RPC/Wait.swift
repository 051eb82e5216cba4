internal import LiveKitCore

/// The first element of a stream, unless time is up before.
///
/// - Returns: `nil` when there was none in time, the stream ended, or the task was cancelled.
func first<Element: Sendable>(of stream: AsyncStream<Element>, within time: MediaDuration) async -> Element? {
    await withTaskGroup(of: Element?.self) { group in
        group.addTask {
            for await element in stream { return element }
            return nil
        }
        group.addTask {
            try? await Task.sleep(for: Duration(time))
            return nil
        }
        defer { group.cancelAll() }
        return await group.next() ?? nil
    }
}
