package import SwiftProtobuf

/// A method that is called with a request and answered with a response.
///
/// What its parameters say must be what the other side's say, or no call arrives.
package struct RPCMethod<Request: Message, Response: Message>: Sendable {
    package let service: String
    package let name: String
    /// Whether servers say how much they would like a request, and the caller chooses among them.
    package let hasAffinity: Bool
    /// Whether every server answers.
    package let isMulti: Bool
    /// Whether a server must ask before it works, so that one alone does.
    package let requiresClaim: Bool
    /// Whether a request reaches only one of the servers.
    package let isQueue: Bool

    private init(_ service: String, _ name: String, _ affinity: Bool, _ multi: Bool, _ claim: Bool, _ queue: Bool) {
        (self.service, self.name) = (service, name)
        (hasAffinity, isMulti, requiresClaim, isQueue) = (affinity, multi, claim, queue)
    }

    /// One server answers, whichever: all those of LiveKit's methods that say nothing else.
    package static func queue(_ service: String, _ name: String, requiresClaim: Bool = true) -> Self {
        Self(service, name, false, false, requiresClaim, true)
    }

    /// Servers bid, and the one that is chosen answers.
    package static func affinity(_ service: String, _ name: String) -> Self {
        Self(service, name, true, false, true, false)
    }

    /// Every server answers.
    package static func multi(_ service: String, _ name: String) -> Self {
        Self(service, name, false, true, false, false)
    }
}

/// A method that opens a stream in both directions.
package struct RPCStreamMethod<Request: Message, Response: Message>: Sendable {
    package let service: String
    package let name: String
    /// Whether a server must ask before it takes a stream. Not where a topic has one server alone.
    package let requiresClaim: Bool

    package init(_ service: String, _ name: String, requiresClaim: Bool) {
        (self.service, self.name, self.requiresClaim) = (service, name, requiresClaim)
    }
}

/// What is told to all who have subscribed, and answered by none.
package struct RPCSubscriptionMethod<Content: Message>: Sendable {
    package let service: String
    package let name: String
    /// Whether each message reaches one subscriber alone.
    package let isQueue: Bool

    package init(_ service: String, _ name: String, isQueue: Bool = false) {
        (self.service, self.name, self.isQueue) = (service, name, isQueue)
    }
}
