internal import Foundation
internal import LiveKitCore
internal import LiveKitPSRPC
internal import LiveKitProtobuf

/// `livekit.Egress`: recordings and streams, which workers make.
struct EgressService: Sendable {
    let rooms: RoomService
    /// `nil` without Redis.
    let launcher: EgressLauncher?

    // MARK: Beginning

    func startEgress(
        _ request: Livekit_StartEgressRequest, _ claims: TokenClaims?
    ) async throws(TwirpError) -> Livekit_EgressInfo {
        try await start(claims, room: request.roomName) { $0.egress = request }
    }

    func startRoomCompositeEgress(
        _ request: Livekit_RoomCompositeEgressRequest, _ claims: TokenClaims?
    ) async throws(TwirpError) -> Livekit_EgressInfo {
        try await start(claims, room: request.roomName) { $0.roomComposite = request }
    }

    func startWebEgress(
        _ request: Livekit_WebEgressRequest, _ claims: TokenClaims?
    ) async throws(TwirpError) -> Livekit_EgressInfo {
        try await start(claims, room: "") { $0.web = request }
    }

    func startParticipantEgress(
        _ request: Livekit_ParticipantEgressRequest, _ claims: TokenClaims?
    ) async throws(TwirpError) -> Livekit_EgressInfo {
        try await start(claims, room: request.roomName) { $0.participant = request }
    }

    func startTrackCompositeEgress(
        _ request: Livekit_TrackCompositeEgressRequest, _ claims: TokenClaims?
    ) async throws(TwirpError) -> Livekit_EgressInfo {
        try await start(claims, room: request.roomName) { $0.trackComposite = request }
    }

    func startTrackEgress(
        _ request: Livekit_TrackEgressRequest, _ claims: TokenClaims?
    ) async throws(TwirpError) -> Livekit_EgressInfo {
        try await start(claims, room: request.roomName) { $0.track = request }
    }

    private func start(
        _ claims: TokenClaims?, room: String, _ state: (inout Rpc_StartEgressRequest) -> Void
    ) async throws(TwirpError) -> Livekit_EgressInfo {
        let launcher = try connected(claims)
        var request = Rpc_StartEgressRequest()
        state(&request)
        if !room.isEmpty {
            request.roomID = try await sid(ofRoom: room, claims)
        }
        do { return try await launcher.start(request) } catch { throw TwirpError(error) }
    }

    // MARK: Changing

    /// Tells the egress' page, as the metadata of its participant, how to arrange the room.
    func updateLayout(
        _ request: Livekit_UpdateLayoutRequest, _ claims: TokenClaims?
    ) async throws(TwirpError) -> Livekit_EgressInfo {
        let launcher = try connected(claims)
        let info: Livekit_EgressInfo
        do { info = try await launcher.records.load(request.egressID) } catch { throw TwirpError(error) }
        var administrator = claims
        administrator?.video?.room = info.roomName
        administrator?.video?.roomAdmin = true
        var update = Livekit_UpdateParticipantRequest()
        update.room = info.roomName
        update.identity = info.egressID
        update.metadata = Self.metadata(layout: request.layout)
        _ = try await rooms.updateParticipant(update, administrator)
        return info
    }

    func updateStream(
        _ request: Livekit_UpdateStreamRequest, _ claims: TokenClaims?
    ) async throws(TwirpError) -> Livekit_EgressInfo {
        let launcher = try connected(claims)
        do {
            return try await launcher.updateStream(request)
        } catch {
            throw try await refusal(of: request.egressID, "updated", launcher, error)
        }
    }

    func stopEgress(
        _ request: Livekit_StopEgressRequest, _ claims: TokenClaims?
    ) async throws(TwirpError) -> Livekit_EgressInfo {
        let launcher = try connected(claims)
        do {
            return try await launcher.stop(request)
        } catch {
            // A worker that is busy with the end is no server that is missing.
            let failure = error == .noResponse ? .requestTimedOut : error
            throw try await refusal(of: request.egressID, "stopped", launcher, failure)
        }
    }

    func listEgress(
        _ request: Livekit_ListEgressRequest, _ claims: TokenClaims?
    ) async throws(TwirpError) -> Livekit_ListEgressResponse {
        let launcher = try connected(claims)
        do { return try await launcher.records.list(request) } catch { throw TwirpError(error) }
    }

    // MARK: Inside

    private func sid(ofRoom name: String, _ claims: TokenClaims?) async throws(TwirpError) -> String {
        var lister = claims
        lister?.video?.roomList = true
        var request = Livekit_ListRoomsRequest()
        request.names = [name]
        guard let room = try await rooms.listRooms(request, lister).rooms.first else { throw .roomNotFound }
        return room.sid
    }

    private func connected(_ claims: TokenClaims?) throws(TwirpError) -> EgressLauncher {
        try rooms.require(claims) { $0.roomRecord }
        guard let launcher else { throw TwirpError(.egressNotConnected) }
        return launcher
    }

    /// Why a worker did not do what it was asked: the egress is unknown, or has ended, or else what the call says.
    private func refusal(
        of id: String, _ action: String, _ launcher: EgressLauncher, _ failure: RPCError
    ) async throws(TwirpError) -> TwirpError {
        do {
            let info = try await launcher.records.load(id)
            guard !info.isUnderWay else { return TwirpError(failure) }
            return TwirpError(.failedPrecondition, "egress with status \(info.status.protoName) cannot be \(action)")
        } catch {
            throw TwirpError(error)
        }
    }

    private static func metadata(layout: String) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .withoutEscapingSlashes
        let encoded = try? encoder.encode(["layout": layout])
        return encoded.map { String(decoding: $0, as: UTF8.self) } ?? ""
    }
}

extension Livekit_EgressStatus {
    /// Its name in LiveKit's protocol.
    fileprivate var protoName: String {
        switch self {
        case .egressStarting: "EGRESS_STARTING"
        case .egressActive: "EGRESS_ACTIVE"
        case .egressEnding: "EGRESS_ENDING"
        case .egressComplete: "EGRESS_COMPLETE"
        case .egressFailed: "EGRESS_FAILED"
        case .egressAborted: "EGRESS_ABORTED"
        case .egressLimitReached: "EGRESS_LIMIT_REACHED"
        case .UNRECOGNIZED(let value): "\(value)"
        }
    }
}
