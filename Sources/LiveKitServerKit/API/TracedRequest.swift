internal import LiveKitProtobuf
internal import SwiftProtobuf
internal import Tracing

// What spans say of a request's message. A request that names none of these is no less traced.
private protocol NamesRoom { var room: String { get } }
private protocol NamesParticipant { var identity: String { get } }
private protocol NamesTrack { var trackSid: String { get } }

extension Livekit_DeleteRoomRequest: NamesRoom {}
extension Livekit_ListParticipantsRequest: NamesRoom {}
extension Livekit_RoomParticipantIdentity: NamesRoom, NamesParticipant {}
extension Livekit_MuteRoomTrackRequest: NamesRoom, NamesParticipant, NamesTrack {}
extension Livekit_UpdateParticipantRequest: NamesRoom, NamesParticipant {}
extension Livekit_UpdateSubscriptionsRequest: NamesRoom, NamesParticipant {}
extension Livekit_SendDataRequest: NamesRoom {}
extension Livekit_UpdateRoomMetadataRequest: NamesRoom {}
extension Livekit_ForwardParticipantRequest: NamesRoom, NamesParticipant {}
extension Livekit_MoveParticipantRequest: NamesRoom, NamesParticipant {}
extension Livekit_PerformRpcRequest: NamesRoom {}
extension Livekit_CreateAgentDispatchRequest: NamesRoom {}
extension Livekit_DeleteAgentDispatchRequest: NamesRoom {}
extension Livekit_ListAgentDispatchRequest: NamesRoom {}

extension Span {
    /// Says which room, participant and track a request is about.
    func describe(_ request: some Message) {
        guard isRecording else { return }
        if let creation = request as? Livekit_CreateRoomRequest { attributes[TraceAttribute.room] = creation.name }
        if let request = request as? any NamesRoom { attributes[TraceAttribute.room] = request.room }
        if let request = request as? any NamesParticipant { attributes[TraceAttribute.identity] = request.identity }
        if let request = request as? any NamesTrack { attributes[TraceAttribute.track] = request.trackSid }
    }
}
