internal import LiveKitCore
public import LiveKitProtobuf
internal import SwiftProtobuf

/// Telephony (`livekit.SIP`): trunks, dispatch rules and calls.
///
/// Every method throws ``ServerError``; of a call that failed, ``SipCallError`` tells why.
public struct SIPClient: Sendable {
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

    /// How long a call may ring unless the request says so.
    private static let ringing = Duration.seconds(30)

    // MARK: Trunks

    /// Makes a trunk for calls that come in.
    @discardableResult
    public func createInboundTrunk(
        _ trunk: Livekit_SIPInboundTrunkInfo
    ) async throws(ServerError) -> Livekit_SIPInboundTrunkInfo {
        var request = Livekit_CreateSIPInboundTrunkRequest()
        request.trunk = trunk
        return try await administer("CreateSIPInboundTrunk", request)
    }

    /// Makes a trunk for calls that go out.
    @discardableResult
    public func createOutboundTrunk(
        _ trunk: Livekit_SIPOutboundTrunkInfo
    ) async throws(ServerError) -> Livekit_SIPOutboundTrunkInfo {
        var request = Livekit_CreateSIPOutboundTrunkRequest()
        request.trunk = trunk
        return try await administer("CreateSIPOutboundTrunk", request)
    }

    /// Changes or replaces a trunk for calls that come in.
    @discardableResult
    public func updateInboundTrunk(
        _ request: Livekit_UpdateSIPInboundTrunkRequest
    ) async throws(ServerError) -> Livekit_SIPInboundTrunkInfo {
        try await administer("UpdateSIPInboundTrunk", request)
    }

    /// Changes or replaces a trunk for calls that go out.
    @discardableResult
    public func updateOutboundTrunk(
        _ request: Livekit_UpdateSIPOutboundTrunkRequest
    ) async throws(ServerError) -> Livekit_SIPOutboundTrunkInfo {
        try await administer("UpdateSIPOutboundTrunk", request)
    }

    /// One trunk for calls that come in.
    public func getInboundTrunk(_ trunkID: String) async throws(ServerError) -> Livekit_SIPInboundTrunkInfo {
        var request = Livekit_GetSIPInboundTrunkRequest()
        request.sipTrunkID = trunkID
        let response: Livekit_GetSIPInboundTrunkResponse = try await administer("GetSIPInboundTrunk", request)
        return response.trunk
    }

    /// One trunk for calls that go out.
    public func getOutboundTrunk(_ trunkID: String) async throws(ServerError) -> Livekit_SIPOutboundTrunkInfo {
        var request = Livekit_GetSIPOutboundTrunkRequest()
        request.sipTrunkID = trunkID
        let response: Livekit_GetSIPOutboundTrunkResponse = try await administer("GetSIPOutboundTrunk", request)
        return response.trunk
    }

    /// The trunks for calls that come in; the closure says which of them.
    public func listInboundTrunks(
        _ filter: (inout Livekit_ListSIPInboundTrunkRequest) -> Void = { _ in }
    ) async throws(ServerError) -> [Livekit_SIPInboundTrunkInfo] {
        var request = Livekit_ListSIPInboundTrunkRequest()
        filter(&request)
        let response: Livekit_ListSIPInboundTrunkResponse = try await administer("ListSIPInboundTrunk", request)
        return response.items
    }

    /// The trunks for calls that go out; the closure says which of them.
    public func listOutboundTrunks(
        _ filter: (inout Livekit_ListSIPOutboundTrunkRequest) -> Void = { _ in }
    ) async throws(ServerError) -> [Livekit_SIPOutboundTrunkInfo] {
        var request = Livekit_ListSIPOutboundTrunkRequest()
        filter(&request)
        let response: Livekit_ListSIPOutboundTrunkResponse = try await administer("ListSIPOutboundTrunk", request)
        return response.items
    }

    /// Takes a trunk away.
    public func deleteTrunk(_ trunkID: String) async throws(ServerError) {
        var request = Livekit_DeleteSIPTrunkRequest()
        request.sipTrunkID = trunkID
        let _: Livekit_SIPTrunkInfo = try await administer("DeleteSIPTrunk", request)
    }

    // MARK: Dispatch rules

    /// Makes a rule that says into which room a call goes.
    @discardableResult
    public func createDispatchRule(
        _ request: Livekit_CreateSIPDispatchRuleRequest
    ) async throws(ServerError) -> Livekit_SIPDispatchRuleInfo {
        try await administer("CreateSIPDispatchRule", request)
    }

    /// Changes or replaces a rule.
    @discardableResult
    public func updateDispatchRule(
        _ request: Livekit_UpdateSIPDispatchRuleRequest
    ) async throws(ServerError) -> Livekit_SIPDispatchRuleInfo {
        try await administer("UpdateSIPDispatchRule", request)
    }

    /// The rules; the closure says which of them.
    public func listDispatchRules(
        _ filter: (inout Livekit_ListSIPDispatchRuleRequest) -> Void = { _ in }
    ) async throws(ServerError) -> [Livekit_SIPDispatchRuleInfo] {
        var request = Livekit_ListSIPDispatchRuleRequest()
        filter(&request)
        let response: Livekit_ListSIPDispatchRuleResponse = try await administer("ListSIPDispatchRule", request)
        return response.items
    }

    /// Takes a rule away.
    public func deleteDispatchRule(_ ruleID: String) async throws(ServerError) {
        var request = Livekit_DeleteSIPDispatchRuleRequest()
        request.sipDispatchRuleID = ruleID
        let _: Livekit_SIPDispatchRuleInfo = try await administer("DeleteSIPDispatchRule", request)
    }

    // MARK: Calls

    /// Calls somebody into a room. With `waitUntilAnswered` it returns when the other side picked up, and waits so
    /// much longer than other calls.
    @discardableResult
    public func createParticipant(
        _ request: Livekit_CreateSIPParticipantRequest
    ) async throws(ServerError) -> Livekit_SIPParticipantInfo {
        let ringing =
            request.hasRingingTimeout ? Duration.seconds(request.ringingTimeout.seconds) : Self.ringing
        let timeout = request.waitUntilAnswered ? twirp.timeout + ringing : twirp.timeout
        return try await twirp.call("SIP", "CreateSIPParticipant", request, timeout: timeout) { token in
            token.sip = SIPGrant(call: true)
        }
    }

    /// Hands a call over to another number.
    public func transferParticipant(_ request: Livekit_TransferSIPParticipantRequest) async throws(ServerError) {
        let timeout = twirp.timeout + Self.ringing
        let _: Livekit_TransferSIPParticipantResponse = try await twirp.call(
            "SIP", "TransferSIPParticipant", request, timeout: timeout
        ) { token in
            token.sip = SIPGrant(call: true)
            token.video = VideoGrant(room: request.roomName, roomAdmin: true)
        }
    }

    private func administer<Answer: Message>(
        _ method: String, _ request: some Message
    ) async throws(ServerError) -> Answer {
        try await twirp.call("SIP", method, request) { $0.sip = SIPGrant(admin: true) }
    }
}
