/// What an upgraded connection will carry.
enum AdmittedSocket: Sendable {
    /// A participant's signalling.
    case signal(JoinedSession)
    /// A worker's messages; the API key of its token.
    case agent(apiKey: String)

    /// The connection is gone before it was served.
    func end() async {
        switch self {
        case .signal(let session): await session.end()
        case .agent: break
        }
    }
}
