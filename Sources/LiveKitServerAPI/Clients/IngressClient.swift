internal import LiveKitCore
public import LiveKitProtobuf
internal import SwiftProtobuf

/// Streams into rooms (`livekit.Ingress`).
///
/// Every method throws ``ServerError``.
public struct IngressClient: Sendable {
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

    /// Makes an ingress; the answer holds the address and the key to stream to.
    @discardableResult
    public func createIngress(_ request: Livekit_CreateIngressRequest) async throws(ServerError) -> Livekit_IngressInfo
    {
        try await call("CreateIngress", request)
    }

    /// Changes an ingress that is not streaming.
    @discardableResult
    public func updateIngress(_ request: Livekit_UpdateIngressRequest) async throws(ServerError) -> Livekit_IngressInfo
    {
        try await call("UpdateIngress", request)
    }

    /// The ingresses that exist; the closure says which of them.
    public func listIngress(
        _ filter: (inout Livekit_ListIngressRequest) -> Void = { _ in }
    ) async throws(ServerError) -> [Livekit_IngressInfo] {
        var request = Livekit_ListIngressRequest()
        filter(&request)
        let response: Livekit_ListIngressResponse = try await call("ListIngress", request)
        return response.items
    }

    /// Takes an ingress away.
    @discardableResult
    public func deleteIngress(_ ingressID: String) async throws(ServerError) -> Livekit_IngressInfo {
        var request = Livekit_DeleteIngressRequest()
        request.ingressID = ingressID
        return try await call("DeleteIngress", request)
    }

    private func call<Answer: Message>(
        _ method: String, _ request: some Message
    ) async throws(ServerError) -> Answer {
        try await twirp.call("Ingress", method, request) { token in
            var grant = VideoGrant()
            grant.ingressAdmin = true
            token.video = grant
        }
    }
}
