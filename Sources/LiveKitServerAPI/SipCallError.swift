/// Why a call to a telephone failed, in SIP's words: what ``SIPClient/createParticipant(_:)`` and
/// ``SIPClient/transferParticipant(_:)`` threw, looked at closer.
///
/// ```swift
/// do {
///     try await api.sip.createParticipant(request)
/// } catch {
///     if let call = SipCallError(error), call.sipStatusCode == 486 { print("busy") }
/// }
/// ```
public struct SipCallError: Error, Sendable {
    /// SIP's status code, such as 486 (RFC 3261 §21).
    public let sipStatusCode: Int
    /// Its phrase, such as "Busy Here"; may be empty.
    public let sipStatus: String
    /// What was thrown.
    public let serverError: ServerError

    /// Reads what a server told of a failed call. `nil` for an error that is about something else.
    public init?(_ error: ServerError) {
        guard let code = error.metadata["sip_status_code"].flatMap({ Int($0) }) else { return nil }
        sipStatusCode = code
        sipStatus = error.metadata["sip_status"] ?? ""
        serverError = error
    }
}

extension SipCallError: CustomStringConvertible {
    /// The status, its phrase and the server's code.
    public var description: String {
        let phrase = sipStatus.isEmpty ? "" : " \(sipStatus)"
        return "SIP call failed: \(sipStatusCode)\(phrase) (\(serverError.code.rawValue))"
    }
}
