internal import Foundation
internal import LiveKitCore
internal import LiveKitPSRPC
internal import LiveKitProtobuf
internal import Logging

/// `livekit.Ingress`: what comes in by RTMP and WHIP, or is fetched from a URL, by way of workers.
struct IngressService: Sendable {
    /// What it needs besides this process.
    struct Backend: Sendable {
        let workers: IngressWorkers
        let records: IngressRecords
    }

    let rooms: RoomService
    let configuration: LiveKitServerConfiguration.Ingress
    /// `nil` without Redis.
    let backend: Backend?
    let logger: Logger

    // MARK: Creating

    func createIngress(
        _ request: Livekit_CreateIngressRequest, _ claims: TokenClaims?
    ) async throws(TwirpError) -> Livekit_IngressInfo {
        let url = try address(request)
        let backend = try connected(claims)
        var info = Livekit_IngressInfo(request)
        do throws(RPCError) {
            guard request.inputType == .urlInput else {
                info.url = url
                info.streamKey = GUID.make("")
                info.reusable = true
                try info.validate()
                info.completeTranscoding()
                return try await remember(info, backend.records)
            }
            info.url = try Self.source(request.url)
            try info.validateForStart()
            info.completeTranscoding()
            return try await backend.workers.start(info)
        } catch {
            throw TwirpError(error)
        }
    }

    /// Where one sends to; nothing where the worker fetches.
    private func address(_ request: Livekit_CreateIngressRequest) throws(TwirpError) -> String {
        switch request.inputType {
        case .rtmpInput: configuration.rtmpBaseURL
        case .whipInput: configuration.whipBaseURL
        case .urlInput: ""
        case .UNRECOGNIZED: throw TwirpError(.invalidIngressType)
        }
    }

    private func remember(
        _ info: Livekit_IngressInfo, _ records: IngressRecords
    ) async throws(RPCError) -> Livekit_IngressInfo {
        do throws(RPCError) {
            _ = try await records.create(info)
        } catch {
            // A worker was faster.
            guard error == .ingressOutOfDate else { throw error }
        }
        return info
    }

    private static func source(_ text: String) throws(RPCError) -> String {
        guard !text.isEmpty else { throw .invalidIngress("missing URL parameter") }
        guard let parts = URLComponents(string: text), let url = parts.string else {
            throw .invalidIngress("invalid url")
        }
        let scheme = parts.scheme?.lowercased() ?? ""
        guard ["http", "https", "srt"].contains(scheme) else { throw .invalidIngress("invalid url scheme \(scheme)") }
        return url
    }

    // MARK: Changing

    func updateIngress(
        _ request: Livekit_UpdateIngressRequest, _ claims: TokenClaims?
    ) async throws(TwirpError) -> Livekit_IngressInfo {
        let backend = try connected(claims)
        do throws(RPCError) {
            var info = try await backend.records.store.load(request.ingressID)
            guard info.reusable else { throw .ingressNotReusable }
            if info.state.status == .endpointError { await rest(&info, backend.records) }
            let isActive = info.state.isActive
            try info.apply(request)
            // Its worker tells the state that follows.
            if isActive {
                await attempt("update", request.ingressID) { () async throws(RPCError) in
                    try await backend.workers.update(request)
                }
            }
            try await backend.records.store.write(info)
            return info
        } catch {
            throw TwirpError(error)
        }
    }

    /// A change makes up for a failure.
    private func rest(_ info: inout Livekit_IngressInfo, _ records: IngressRecords) async {
        info.state.status = .endpointInactive
        var request = Rpc_UpdateIngressStateRequest()
        request.ingressID = info.ingressID
        request.state = info.state
        await attempt("reset", info.ingressID) { [request] () async throws(RPCError) in
            try await records.update(request)
        }
    }

    func listIngress(
        _ request: Livekit_ListIngressRequest, _ claims: TokenClaims?
    ) async throws(TwirpError) -> Livekit_ListIngressResponse {
        let backend = try connected(claims)
        var response = Livekit_ListIngressResponse()
        do throws(RPCError) {
            response.items =
                request.ingressID.isEmpty
                ? try await backend.records.store.list(room: request.roomName)
                : [try await backend.records.store.load(request.ingressID)]
        } catch {
            throw TwirpError(error)
        }
        return response
    }

    func deleteIngress(
        _ request: Livekit_DeleteIngressRequest, _ claims: TokenClaims?
    ) async throws(TwirpError) -> Livekit_IngressInfo {
        let backend = try connected(claims)
        do throws(RPCError) {
            var info = try await backend.records.store.load(request.ingressID)
            if info.state.isActive {
                await attempt("stop", request.ingressID) { () async throws(RPCError) in
                    try await backend.workers.delete(request)
                }
            }
            try await backend.records.store.delete(info)
            info.state.status = .endpointInactive
            return info
        } catch {
            throw TwirpError(error)
        }
    }

    // MARK: Inside

    private func connected(_ claims: TokenClaims?) throws(TwirpError) -> Backend {
        try rooms.require(claims) { $0.ingressAdmin }
        guard let backend else { throw TwirpError(.ingressNotConnected) }
        return backend
    }

    /// What is stored counts, even where the worker cannot be told.
    private func attempt(_ action: String, _ id: String, _ body: () async throws(RPCError) -> Void) async {
        do throws(RPCError) {
            try await body()
        } catch {
            logger.warning(
                "an ingress' worker could not be told",
                metadata: ["action": "\(action)", "ingressID": "\(id)", "error": "\(error.message)"])
        }
    }
}

extension Livekit_IngressInfo {
    /// A new ingress, still without an address.
    fileprivate init(_ request: Livekit_CreateIngressRequest) {
        self.init()
        ingressID = GUID.make("IN_")
        name = request.name
        inputType = request.inputType
        if request.hasAudio { audio = request.audio }
        if request.hasVideo { video = request.video }
        if request.hasEnableTranscoding { enableTranscoding = request.enableTranscoding }
        if request.hasEnabled { enabled = request.enabled }
        roomName = request.roomName
        participantIdentity = request.participantIdentity
        participantName = request.participantName
        participantMetadata = request.participantMetadata
        state = Livekit_IngressState()
    }

    /// Takes over what a request states; what is empty states nothing.
    fileprivate mutating func apply(_ request: Livekit_UpdateIngressRequest) throws(RPCError) {
        if !request.name.isEmpty { name = request.name }
        if !request.roomName.isEmpty { roomName = request.roomName }
        if !request.participantIdentity.isEmpty { participantIdentity = request.participantIdentity }
        if !request.participantName.isEmpty { participantName = request.participantName }
        if !request.participantMetadata.isEmpty { participantMetadata = request.participantMetadata }
        if request.hasEnableTranscoding {
            enableTranscoding = request.enableTranscoding
            bypassTranscoding = !enableTranscoding
        }
        if request.hasAudio { audio = request.audio }
        if request.hasVideo { video = request.video }
        if request.hasEnabled { enabled = request.enabled }
        try validate()
        completeTranscoding()
    }
}
