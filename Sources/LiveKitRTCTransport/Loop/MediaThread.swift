internal import CLiveKitSystem
internal import Glibc

/// A thread of our own: the media loop must not share one with the cooperative pool, where a blocked
/// `epoll_wait` would starve every task.
enum MediaThread {
    private final class Box {
        let body: @Sendable () -> Void
        let label: String
        init(label: String, body: @escaping @Sendable () -> Void) {
            self.label = label
            self.body = body
        }
    }

    static func start(label: String, body: @escaping @Sendable () -> Void) {
        let box = unsafe Unmanaged.passRetained(Box(label: label, body: body))
        var thread = pthread_t()
        let status = unsafe pthread_create(
            &thread, nil,
            { argument in
                guard let argument = unsafe argument else { return nil }
                let box = unsafe Unmanaged<Box>.fromOpaque(argument).takeRetainedValue()
                unsafe lk_thread_name(box.label)
                box.body()
                return nil
            }, box.toOpaque())
        precondition(status == 0, "the system has no thread left")
        pthread_detach(thread)
    }
}
