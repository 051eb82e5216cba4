internal import LiveKitCore

/// The credentials of both sides for one ICE generation, with the keys made from them.
struct ICESession {
    struct Remote {
        let credentials: ICECredentials
        let key: STUNKey

        init(_ credentials: ICECredentials) {
            self.credentials = credentials
            key = STUNKey(password: credentials.password)
        }
    }

    let local: ICECredentials
    /// Authenticates what the peer asks, and our answers.
    let localKey: STUNKey
    /// Unknown until the peer's description arrives.
    var remote: Remote?
    /// The peer's ufrag as its checks told it before its description did.
    var earlyRemoteUfrag: String?

    init(local: ICECredentials) {
        self.local = local
        localKey = STUNKey(password: local.password)
    }

    /// Whether a request's USERNAME is `ours:theirs` (RFC 8445 §7.3).
    func accepts(senderUfrag: Substring) -> Bool {
        if let remote { return senderUfrag == remote.credentials.ufrag }
        if let earlyRemoteUfrag { return senderUfrag == earlyRemoteUfrag }
        return true
    }

    func isSameGeneration(as other: ICESession) -> Bool {
        local.ufrag == other.local.ufrag && remote?.credentials.ufrag == other.remote?.credentials.ufrag
    }
}
