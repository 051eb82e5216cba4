internal import LiveKitCore
public import LiveKitProtobuf
internal import SwiftProtobuf

/// Recordings and streams out of rooms (`livekit.Egress`).
///
/// Every method throws ``ServerError``. Requests are LiveKit's own: a source, its encoding, and where it goes.
public struct EgressClient: Sendable {
    private let twirp: TwirpClient

    /// Creates a client.
    ///
    /// - Parameters:
    ///   - url: The server's address, `https://…` or as clients have it, `wss://…`.
    ///   - apiKey: The API key.
    ///   - apiSecret: Its secret.
    ///   - timeout: How long a call may take.
    /// - Throws: ``ServerError`` with ``ServerError/Code/invalidArgument`` for a `url` that is none.
    public init(
        url: String, apiKey: String, apiSecret: String, timeout: Duration = LiveKitAPI.defaultTimeout
    ) throws(ServerError) {
        self.init(try TwirpClient(url: url, apiKey: apiKey, apiSecret: apiSecret, timeout: timeout))
    }

    init(_ twirp: TwirpClient) {
        self.twirp = twirp
    }

    /// Starts an egress of any source.
    @discardableResult
    public func startEgress(_ request: Livekit_StartEgressRequest) async throws(ServerError) -> Livekit_EgressInfo {
        try await call("StartEgress", request)
    }

    /// Records a whole room in a layout.
    @discardableResult
    public func startRoomCompositeEgress(
        _ request: Livekit_RoomCompositeEgressRequest
    ) async throws(ServerError) -> Livekit_EgressInfo {
        try await call("StartRoomCompositeEgress", request)
    }

    /// Records a web page.
    @discardableResult
    public func startWebEgress(_ request: Livekit_WebEgressRequest) async throws(ServerError) -> Livekit_EgressInfo {
        try await call("StartWebEgress", request)
    }

    /// Records one participant, whatever it publishes.
    @discardableResult
    public func startParticipantEgress(
        _ request: Livekit_ParticipantEgressRequest
    ) async throws(ServerError) -> Livekit_EgressInfo {
        try await call("StartParticipantEgress", request)
    }

    /// Records an audio and a video track together.
    @discardableResult
    public func startTrackCompositeEgress(
        _ request: Livekit_TrackCompositeEgressRequest
    ) async throws(ServerError) -> Livekit_EgressInfo {
        try await call("StartTrackCompositeEgress", request)
    }

    /// Writes one track as it is.
    @discardableResult
    public func startTrackEgress(_ request: Livekit_TrackEgressRequest) async throws(ServerError) -> Livekit_EgressInfo
    {
        try await call("StartTrackEgress", request)
    }

    /// Changes the layout of a room's recording.
    @discardableResult
    public func updateLayout(_ egressID: String, layout: String) async throws(ServerError) -> Livekit_EgressInfo {
        var request = Livekit_UpdateLayoutRequest()
        request.egressID = egressID
        request.layout = layout
        return try await call("UpdateLayout", request)
    }

    /// Adds stream URLs to an egress, and takes others away.
    @discardableResult
    public func updateStream(
        _ egressID: String, adding: [String] = [], removing: [String] = []
    ) async throws(ServerError) -> Livekit_EgressInfo {
        var request = Livekit_UpdateStreamRequest()
        request.egressID = egressID
        request.addOutputUrls = adding
        request.removeOutputUrls = removing
        return try await call("UpdateStream", request)
    }

    /// The egresses that the server knows; the closure says which of them.
    public func listEgress(
        _ filter: (inout Livekit_ListEgressRequest) -> Void = { _ in }
    ) async throws(ServerError) -> [Livekit_EgressInfo] {
        var request = Livekit_ListEgressRequest()
        filter(&request)
        let response: Livekit_ListEgressResponse = try await call("ListEgress", request)
        return response.items
    }

    /// Ends an egress.
    @discardableResult
    public func stopEgress(_ egressID: String) async throws(ServerError) -> Livekit_EgressInfo {
        var request = Livekit_StopEgressRequest()
        request.egressID = egressID
        return try await call("StopEgress", request)
    }

    private func call<Answer: Message>(
        _ method: String, _ request: some Message
    ) async throws(ServerError) -> Answer {
        try await twirp.call("Egress", method, request) { $0.video = VideoGrant(roomRecord: true) }
    }
}
