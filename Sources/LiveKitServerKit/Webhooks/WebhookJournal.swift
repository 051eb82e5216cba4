internal import LiveKitCore

/// Why an event is not delivered to an endpoint.
enum WebhookDropReason: String, Sendable, CaseIterable {
    /// The resource has as many events waiting as it may.
    case depth
    /// It waited too long, most likely because the endpoint is down.
    case age
    /// All journals of the endpoint together hold as much as they may.
    case size
    /// The endpoint said that it does not want it (a status that no retry changes).
    case refused
}

/// The events that wait for one endpoint, and when each is tried.
///
/// A machine on given time. The events of one resource are delivered one after the other, in their order; those of
/// different resources do not wait for each other. A failed try is repeated with growing pauses until the event is
/// too old. Nothing here knows HTTP.
struct WebhookJournal: Sendable {
    struct Delivery: Sendable, Equatable {
        var resource: String
        var event: String
        var body: [UInt8]
        /// 0 at first.
        var attempt: Int
    }

    enum Outcome: Sendable {
        case delivered
        /// May succeed later: no answer, or one that says so.
        case failed
        /// Will never succeed.
        case refused
    }

    private struct Entry {
        var event: String
        var body: [UInt8]
        var queuedAt: MediaInstant
    }

    private struct Resource {
        var entries: [Entry]
        var attempt = 0
        var isUnderWay = false
        var dueAt: MediaInstant
    }

    private let maximumDepth: Int
    private let maximumAge: MediaDuration
    private let maximumQueue: Int
    private let deliveriesAtOnce: Int
    private var resources: [String: Resource] = [:]
    /// Resources whose first event waits for its turn, in the order in which they came to wait.
    private var waiting: [String] = []
    private var underWay = 0
    private var bytes = 0
    private var count = 0
    private var dropped: [WebhookDropReason] = []

    init(_ configuration: LiveKitServerConfiguration.Webhook) {
        maximumDepth = configuration.maximumDepth
        maximumAge = MediaDuration(configuration.maximumAge)
        maximumQueue = configuration.maximumQueue
        deliveriesAtOnce = configuration.deliveriesAtOnce
    }

    /// Whether nothing waits and nothing is under way.
    var isEmpty: Bool { resources.isEmpty }

    /// When ``nextDelivery(now:)`` has something to give, should nothing else happen.
    var deadline: MediaInstant? {
        guard underWay < deliveriesAtOnce else { return nil }
        return waiting.compactMap { resources[$0]?.dueAt }.min()
    }

    /// What was dropped since the last call.
    mutating func takeDropped() -> [WebhookDropReason] {
        defer { dropped = [] }
        return dropped
    }

    /// Takes an event, unless there are too many. Returns how many of its resource wait then; `nil` for one not taken.
    @discardableResult
    mutating func append(event: String, body: [UInt8], resource: String, now: MediaInstant) -> Int? {
        guard bytes + body.count <= WebhookBounds.journalBytes, count < maximumQueue,
            resources[resource] != nil || resources.count < WebhookBounds.resources
        else {
            dropped.append(.size)
            return nil
        }
        let entry = Entry(event: event, body: body, queuedAt: now)
        if let depth = resources[resource]?.entries.count {
            guard depth < maximumDepth else {
                dropped.append(.depth)
                return nil
            }
            resources[resource]?.entries.append(entry)
        } else {
            resources[resource] = Resource(entries: [entry], dueAt: now)
            waiting.append(resource)
        }
        bytes += body.count
        count += 1
        return resources[resource]?.entries.count
    }

    /// The next event to try, if one is due. Its outcome must be told by ``finish(_:_:now:)``.
    mutating func nextDelivery(now: MediaInstant) -> Delivery? {
        var index = 0
        while underWay < deliveriesAtOnce, index < waiting.count {
            let name = waiting[index]
            dropOld(name, now: now)
            guard let resource = resources[name], let entry = resource.entries.first else {
                waiting.remove(at: index)
                continue
            }
            guard resource.dueAt <= now else {
                index += 1
                continue
            }
            waiting.remove(at: index)
            resources[name]?.isUnderWay = true
            underWay += 1
            return Delivery(resource: name, event: entry.event, body: entry.body, attempt: resource.attempt)
        }
        return nil
    }

    /// How a try went. Harmless for a resource that has none under way.
    mutating func finish(_ name: String, _ outcome: Outcome, now: MediaInstant) {
        guard resources[name]?.isUnderWay == true else { return }
        resources[name]?.isUnderWay = false
        underWay -= 1
        switch outcome {
        case .delivered:
            removeFirst(name, now: now)
        case .refused:
            dropped.append(.refused)
            removeFirst(name, now: now)
        case .failed:
            let attempt = resources[name]?.attempt ?? 0
            resources[name]?.attempt = attempt + 1
            resources[name]?.dueAt = now + Self.pause(afterAttempt: attempt)
            dropOld(name, now: now)
        }
        if resources[name] != nil { waiting.append(name) }
    }

    private static func pause(afterAttempt attempt: Int) -> MediaDuration {
        // Beyond some doublings the longest pause holds anyway.
        let doubled = WebhookBounds.firstPause.nanoseconds << Int64(min(attempt, 16))
        return min(MediaDuration(nanoseconds: doubled), WebhookBounds.longestPause)
    }

    private mutating func dropOld(_ name: String, now: MediaInstant) {
        while let entry = resources[name]?.entries.first, now - entry.queuedAt > maximumAge {
            dropped.append(.age)
            removeFirst(name, now: now)
        }
    }

    private mutating func removeFirst(_ name: String, now: MediaInstant) {
        guard var resource = resources.removeValue(forKey: name), !resource.entries.isEmpty else { return }
        bytes -= resource.entries.removeFirst().body.count
        count -= 1
        resource.attempt = 0
        resource.dueAt = now
        if !resource.entries.isEmpty { resources[name] = resource }
    }
}
