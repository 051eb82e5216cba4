/// What the delay's trend says of the path.
package enum NetworkUse: Hashable, Sendable {
    /// Queues neither grow nor shrink.
    case normal
    /// More is sent than the path carries: a queue grows.
    case overuse
    /// A queue empties.
    case underuse
}
