internal import LiveKitCore

/// Names a transceiver of one negotiator. Ids are not used twice, but a transceiver may be: see
/// ``Negotiator/addTransceiver(_:direction:sender:)``.
package struct TransceiverID: Hashable, Sendable, Comparable {
    package let rawValue: Int

    package static func < (left: TransceiverID, right: TransceiverID) -> Bool {
        left.rawValue < right.rawValue
    }
}

/// A pair of a sender and a receiver that share a section (RFC 8829 §3.4.1).
struct Transceiver: Hashable, Sendable {
    /// What we asked for in a description.
    struct Wish: Hashable, Sendable {
        var direction: MediaDirection
        var sender: SenderParameters?
    }

    let id: TransceiverID
    let kind: SectionKind
    /// Made for a section that the peer offered.
    let isRemotelyCreated: Bool
    /// What we want now.
    var wish: Wish
    /// What we wanted in the description that is under way.
    var describedWish: Wish?
    /// What we wanted in the last completed exchange.
    var negotiatedWish: Wish?
    /// The outcome of the last completed exchange.
    var currentDirection: MediaDirection?
    var sectionIndex: Int?
    /// Whether the peer, in its last offer, would have received; `nil` where it has offered nothing.
    var isOfferedToReceive: Bool?

    /// The direction to ask for: nothing is sent without a sender.
    var direction: MediaDirection {
        MediaDirection(sends: wish.direction.sends && wish.sender != nil, receives: wish.direction.receives)
    }

    /// Whether another sender may take this one over: the peer has seen that it was inactive, and would receive.
    var isReusable: Bool {
        sectionIndex != nil && wish.sender == nil && negotiatedWish?.sender == nil && currentDirection == .inactive
            && isOfferedToReceive != false
    }
}
