package import LiveKitCore

/// Which session a datagram on a shared socket belongs to: by the local username fragment in a STUN
/// request, else by the address once it has passed an authenticated check.
package struct SessionDemux {
    /// Addresses remembered for one session; a peer has a handful of candidates.
    private static let addressesPerSession = 128

    private var byUfrag: [String: Int] = [:]
    private var byAddress: [TransportAddress: Int] = [:]
    private var addressCounts: [Int: Int] = [:]
    private var sole: Int?

    package init() {}

    /// Adds a session; without a fragment it owns the whole socket.
    package mutating func add(_ session: Int, ufrag: String?) {
        if let ufrag { byUfrag[ufrag] = session } else { sole = session }
    }

    package mutating func remove(_ session: Int) {
        byUfrag = byUfrag.filter { $0.value != session }
        byAddress = byAddress.filter { $0.value != session }
        addressCounts[session] = nil
        if sole == session { sole = nil }
    }

    /// Remembers that the address belongs to the session.
    package mutating func learn(_ address: TransportAddress, session: Int) {
        guard sole == nil, byAddress[address] != session else { return }
        let count = addressCounts[session, default: 0]
        guard count < Self.addressesPerSession else { return }
        addressCounts[session] = count + 1
        byAddress[address] = session
    }

    /// Lets answers from an address that a check is sent to find the session, unless a proven session has it.
    package mutating func expect(_ address: TransportAddress, session: Int) {
        if byAddress[address] == nil { learn(address, session: session) }
    }

    /// The session that the datagram goes to, if any. Forged STUN from a stranger finds a session only with
    /// its fragment, and is then refused by that session's ICE agent.
    package func session(for datagram: UnsafeMutableRawBufferPointer, from remote: TransportAddress) -> Int? {
        if let sole { return sole }
        if let first = unsafe datagram.first, first < 4,
            let ufrag = unsafe STUNMessage.receiverUfrag(of: RawSpan(_unsafeBytes: UnsafeRawBufferPointer(datagram)))
        {
            return byUfrag[ufrag]
        }
        return byAddress[remote]
    }
}
