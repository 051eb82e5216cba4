/// Which agent decides on the pair to use (RFC 8445 §6.1.1).
package enum ICERole: Hashable, Sendable {
    case controlling
    case controlled

    var opposite: ICERole { self == .controlling ? .controlled : .controlling }
}

/// Where an agent stands.
///
/// ```
///            credentials             nominated                no consent for 10 s
///     new ---------------> checking -----------> connected <--------------------> disconnected
///                             ^  \ 15 s                        consent               / +5 s
///                             |   `----------------> failed <------------------------'
///                             `--------- restart -------'        close(): any state -> closed
/// ```
package enum ICEState: Hashable, Sendable {
    case new
    case checking
    /// A pair is selected and the peer consents to what we send on it.
    case connected
    /// The peer has not answered for a while; the pair stays selected.
    case disconnected
    /// Nothing may be sent any more until ``ICEAgent/restart(local:now:)``.
    case failed
    case closed
}

/// What an agent tells its owner, from ``ICEAgent/pollEvent()``.
package enum ICEEvent: Hashable, Sendable {
    case stateChanged(ICEState)
    /// Media goes here from now on.
    case selectedPath(ICEPath)
    /// The peer offers a candidate by this name; ``ICEAgent/addResolved(_:addresses:now:)`` answers.
    case resolve(String)
}
