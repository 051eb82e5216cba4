internal import Foundation
internal import HTTPTypes
internal import HummingbirdCore
internal import LiveKitCore
internal import LiveKitProtobuf
internal import NIOCore

/// What `/debug/rooms` shows of a room: who is there, what is published, who is sent what. No metadata and no addresses.
struct RoomDump: Codable, Sendable {
    struct Participant: Codable, Sendable {
        var sid: String
        var identity: String
        var state: String
        var isHidden: Bool
        var joinedSecondsAgo: Int64
        var hasLostSignalling: Bool
        var tracks: [Track]
        var subscriptions: [String]
    }

    struct Track: Codable, Sendable {
        var sid: String
        var source: String
        var mimeType: String
        var isMuted: Bool
        var layers: Int
    }

    var name: String
    var sid: String
    var openSeconds: Int64
    var emptyTimeout: UInt32
    var departureTimeout: UInt32
    var maximumParticipants: UInt32
    var participants: [Participant]

    init(_ room: RoomState, now: MediaInstant) {
        name = room.info.name
        sid = room.info.sid
        openSeconds = (now - room.createdAt).milliseconds / 1000
        emptyTimeout = room.info.emptyTimeout
        departureTimeout = room.info.departureTimeout
        maximumParticipants = room.info.maxParticipants
        participants = room.order.compactMap { room.participants[$0] }.map { Participant($0, now: now) }
    }

    /// Every room as JSON, for a person to read.
    static func response(_ registry: RoomRegistry, now: MediaInstant) async throws -> Response {
        var rooms: [RoomDump] = []
        for room in await registry.all { rooms.append(await room.query { RoomDump($0, now: now) }) }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        let json = try encoder.encode(["rooms": rooms])
        return Response(
            status: .ok, headers: [.contentType: "application/json"],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: json)))
    }
}

extension RoomDump.Participant {
    init(_ participant: RoomParticipant, now: MediaInstant) {
        sid = participant.sid.rawValue
        identity = participant.identity
        state = "\(participant.state)"
        isHidden = participant.isHidden
        joinedSecondsAgo = (now - participant.joinedAt).milliseconds / 1000
        hasLostSignalling = participant.signalLostAt != nil
        tracks = participant.tracks.map { RoomDump.Track($0.info) }
        subscriptions = participant.subscriptions.map(\.rawValue).sorted()
    }
}

extension RoomDump.Track {
    init(_ info: Livekit_TrackInfo) {
        sid = info.sid
        source = "\(info.source)"
        mimeType = info.mimeType
        isMuted = info.muted
        layers = info.layers.count
    }
}
