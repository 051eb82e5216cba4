internal import LiveKitPSRPC
internal import LiveKitProtobuf
internal import Logging

/// That a room is on a node, as others read it.
struct RoomEntry: Hashable, Sendable {
    var room: String
    var node: String
}

extension RoomRoster {
    /// How often it is looked for what nobody looks after.
    private static let sweepPeriod = Duration.seconds(30)

    func runSweeps() async {
        repeat { await sweep() } while (try? await Task.sleep(for: Self.sweepPeriod)) != nil
    }

    /// Removes what is written of rooms that no node has: of nodes that are not in the directory, and of this node where no
    /// room came of a claim. Seen once they may be about to come, so that it takes two sweeps.
    func sweep() async {
        await begin()
        defer { end() }
        isThorough = true
        do {
            guard await placement.directory.isSettledForTakeovers else { return suspects = [] }
            // Nodes after entries: who makes one is in the directory before.
            let entries = try await placement.entries()
            let nodes = try await Set(placement.directory.nodes().map(\.id))
            var orphans: Set<RoomEntry> = []
            for entry in entries {
                let isOurs = entry.node == placement.directory.id
                if isOurs ? await !isLiving(entry.room) : !nodes.contains(entry.node) { orphans.insert(entry) }
            }
            for entry in orphans.intersection(suspects) { try await forget(entry) }
            suspects = orphans
        } catch {
            logger.warning("rooms that are nowhere are not removed", metadata: ["reason": "\(error)"])
        }
    }

    private func forget(_ entry: RoomEntry) async throws {
        if entry.node == placement.directory.id {
            try await remove(entry.room)
        } else {
            try await store.remove(entry.room, of: entry.node)
        }
        logger.notice("a room is nowhere", metadata: ["room": "\(entry.room)", "node": "\(entry.node)"])
    }
}
