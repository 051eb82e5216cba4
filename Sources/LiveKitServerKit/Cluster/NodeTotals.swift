internal import LiveKitProtobuf
internal import Synchronization

/// What this node has counted, for the other nodes to read. Rooms add to it from their actors.
final class NodeTotals: Sendable {
    private let packetsIn = Atomic<Int>(0), packetsOut = Atomic<Int>(0)
    private let bytesIn = Atomic<Int>(0), bytesOut = Atomic<Int>(0)
    private let packetsResent = Atomic<Int>(0), bytesResent = Atomic<Int>(0)
    private let packetsAskedFor = Atomic<Int>(0)
    private let joined = Atomic<Int>(0), active = Atomic<Int>(0)
    private let rooms = Atomic<Int>(0), clients = Atomic<Int>(0)
    private let tracksIn = Atomic<Int>(0), tracksOut = Atomic<Int>(0)

    func add(_ tally: MediaTally) {
        packetsIn.wrappingAdd(tally.packetsReceived, ordering: .relaxed)
        packetsOut.wrappingAdd(tally.packetsSent, ordering: .relaxed)
        bytesIn.wrappingAdd(tally.bytesReceived, ordering: .relaxed)
        bytesOut.wrappingAdd(tally.bytesSent, ordering: .relaxed)
        packetsResent.wrappingAdd(tally.packetsResent, ordering: .relaxed)
        bytesResent.wrappingAdd(tally.bytesResent, ordering: .relaxed)
        packetsAskedFor.wrappingAdd(tally.packetsAskedFor, ordering: .relaxed)
    }

    func hear(_ notice: RoomNotice) {
        switch notice {
        case .participantJoined: joined.wrappingAdd(1, ordering: .relaxed)
        case .participantActive: active.wrappingAdd(1, ordering: .relaxed)
        default: break
        }
    }

    func set(_ census: RoomCensus) {
        rooms.store(census.rooms, ordering: .relaxed)
        clients.store(census.participants, ordering: .relaxed)
        tracksIn.store(census.publishedAudio + census.publishedVideo, ordering: .relaxed)
        tracksOut.store(census.subscribedAudio + census.subscribedVideo, ordering: .relaxed)
    }

    func write(to stats: inout Livekit_NodeStats) {
        func total(_ count: borrowing Atomic<Int>) -> UInt64 { UInt64(clamping: count.load(ordering: .relaxed)) }
        func level(_ count: borrowing Atomic<Int>) -> Int32 { Int32(clamping: count.load(ordering: .relaxed)) }
        stats.numRooms = level(rooms)
        stats.numClients = level(clients)
        stats.numTracksIn = level(tracksIn)
        stats.numTracksOut = level(tracksOut)
        stats.packetsIn = total(packetsIn)
        stats.packetsOut = total(packetsOut)
        stats.bytesIn = total(bytesIn)
        stats.bytesOut = total(bytesOut)
        stats.retransmitPacketsOut = total(packetsResent)
        stats.retransmitBytesOut = total(bytesResent)
        stats.nackTotal = total(packetsAskedFor)
        stats.participantSignalConnected = total(joined)
        stats.participantRtcConnected = total(active)
    }
}
