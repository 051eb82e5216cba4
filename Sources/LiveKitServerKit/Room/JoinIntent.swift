internal import LiveKitCore
internal import LiveKitProtobuf

/// Everything a room needs to know of somebody who wants in: what the token says and what the client asks.
struct JoinIntent: Sendable {
    var identity: String
    var name = ""
    var metadata = ""
    var attributes: [String: String] = [:]
    var kind = Livekit_ParticipantInfo.Kind.standard
    var kindDetails: [Livekit_ParticipantInfo.KindDetail] = []
    var permission = Livekit_ParticipantPermission()
    var client = Livekit_ClientInfo()
    var subscribesAutomatically = true

    init(identity: String) {
        self.identity = identity
    }
}
