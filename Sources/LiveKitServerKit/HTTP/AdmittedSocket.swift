/// What an upgraded connection will carry.
enum AdmittedSocket: Sendable {
    /// A participant's signalling.
    case signal(JoinedSession)
    /// A worker's messages; the API key of its token.
    case agent(apiKey: String)

    /// Settles the compression of a participant's signalling (RFC 7692 §7.1); workers' messages are not compressed.
    mutating func acceptCompression(offers: [String]) -> PerMessageDeflate? {
        guard case .signal(var session) = self else { return nil }
        session.compression = PerMessageDeflate(offers: offers)
        self = .signal(session)
        return session.compression
    }

    /// The connection is gone before it was served.
    func end() async {
        switch self {
        case .signal(let session): await session.end()
        case .agent: break
        }
    }
}
