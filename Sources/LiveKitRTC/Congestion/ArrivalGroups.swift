package import LiveKitCore

/// Joins packets that were sent together into groups, and tells how much longer each group took than the one before.
///
/// Packets within 5 ms of sending are one burst of the pacer, and packets that come closer together than they were
/// sent were held up by something that sends in bursts itself, a radio link: neither says anything of queues.
///
/// - SeeAlso: draft-ietf-rmcat-gcc-02 §5.2 "Pre-filtering", §5.3.
package struct ArrivalGroups: Sendable {
    /// Two groups compared.
    package struct Variation: Hashable, Sendable {
        package var sending: MediaDuration
        package var arrival: MediaDuration
        /// When the later group was complete, on the receiver's clock.
        package var arrivedAt: MediaInstant

        /// By how much the path's delay grew.
        package var delay: MediaDuration { arrival - sending }
    }

    private struct Group: Sendable {
        var firstSent: MediaInstant
        var lastSent: MediaInstant
        var firstArrival: MediaInstant
        var lastArrival: MediaInstant
        var seenAt: MediaInstant
    }

    private static let burst: MediaDuration = .milliseconds(5)
    private static let longestBurst: MediaDuration = .milliseconds(100)
    /// More than this between the two clocks is a clock that was set, or a receiver that changed.
    private static let clockJump: MediaDuration = .seconds(3)

    private var current: Group?
    private var previous: Group?

    package init() {}

    /// Takes a packet; `now` is our own time, against which the receiver's clock is checked.
    package mutating func receive(
        sentAt: MediaInstant, arrivedAt: MediaInstant, now: MediaInstant
    ) -> Variation? {
        let fresh = Group(
            firstSent: sentAt, lastSent: sentAt, firstArrival: arrivedAt, lastArrival: arrivedAt, seenAt: now)
        guard var group = current else {
            current = fresh
            return nil
        }
        // A packet from before the group belongs to one that is done with, unless the sender's clock was set back.
        guard sentAt >= group.firstSent || group.firstSent - sentAt >= Self.clockJump else { return nil }
        if isSameGroup(group, sentAt: sentAt, arrivedAt: arrivedAt) {
            group.lastSent = max(group.lastSent, sentAt)
            group.lastArrival = max(group.lastArrival, arrivedAt)
            group.seenAt = now
            current = group
            return nil
        }
        current = fresh
        return close(group)
    }

    package mutating func reset() {
        self = Self()
    }

    private mutating func close(_ group: Group) -> Variation? {
        defer { previous = group }
        guard let before = previous else { return nil }
        let sending = group.lastSent - before.lastSent
        let arrival = group.lastArrival - before.lastArrival
        // Whole groups that overtook each other, or a clock that was set.
        guard arrival >= .zero, sending >= .zero, arrival - (group.seenAt - before.seenAt) < Self.clockJump
        else { return nil }
        return Variation(sending: sending, arrival: arrival, arrivedAt: group.lastArrival)
    }

    private func isSameGroup(_ group: Group, sentAt: MediaInstant, arrivedAt: MediaInstant) -> Bool {
        if sentAt - group.firstSent <= Self.burst { return true }
        let sinceLast = arrivedAt - group.lastArrival
        let stretch = sinceLast - (sentAt - group.lastSent)
        return stretch < .zero && sinceLast <= Self.burst && arrivedAt - group.firstArrival < Self.longestBurst
    }
}
