/// A place for something that lives on a media loop, whose handle others may carry around.
///
/// The handle crosses threads, the value never does: reaching it takes the loop's core, which exists only
/// on the loop's thread.
package final class LoopBound<Value>: @unchecked Sendable {
    // Unchecked because the compiler cannot see that `MediaLoopCore` proves the thread: it is not Sendable
    // and handed out only inside a command.
    private var value: Value?

    package init() {}

    package func set(_ value: Value?, on core: MediaLoopCore) {
        self.value = value
    }

    package func value(on core: MediaLoopCore) -> Value? { value }
}
