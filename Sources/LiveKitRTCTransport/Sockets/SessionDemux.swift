package import LiveKitCore

/// Which session a datagram on shared sockets belongs to: by the local username fragment in a STUN request, else by
/// the address once it has passed an authenticated check. Sockets of several families and the listener for TCP share
/// one. Confined to its loop.
package final class SessionDemux {
    /// Whose a datagram is, and how we know.
    package enum Match: Hashable {
        /// The address, or the whole socket, is the session's.
        case known(Int)
        /// The datagram names the session. Whether its address is to lead there is for the session to say.
        case named(Int)
    }

    /// What leads to one session.
    private struct Trail {
        var ufrags: [String] = []
        /// The least recently proven first.
        var addresses: [TransportAddress] = []
    }

    /// Addresses remembered for one session; a peer has a handful of candidates, a roaming one some more. The one
    /// that was not proven for longest makes room.
    private static let addressesPerSession = 128

    private var byUfrag: [String: Int] = [:]
    private var byAddress: AddressTable
    private var trails: [Trail?] = []
    private var sole: Int?

    package init() {
        byAddress = AddressTable(seed: (SecureRandom.seed(), SecureRandom.seed()))
    }

    /// Adds a session; without a fragment it owns the sockets alone.
    package func add(_ session: Int, ufrag: String?) {
        guard let ufrag else {
            sole = session
            return
        }
        while trails.count <= session { trails.append(nil) }
        byUfrag[ufrag] = session
        trails[session, default: Trail()].ufrags.append(ufrag)
    }

    /// Forgets a fragment of a generation that is over.
    package func remove(ufrag: String, session: Int) {
        guard byUfrag[ufrag] == session else { return }
        byUfrag[ufrag] = nil
        trails[session, default: Trail()].ufrags.removeAll { $0 == ufrag }
    }

    package func remove(_ session: Int) {
        if sole == session { sole = nil }
        guard trails.indices.contains(session), let trail = trails[session] else { return }
        for ufrag in trail.ufrags { byUfrag[ufrag] = nil }
        for address in trail.addresses { byAddress.remove(address) }
        trails[session] = nil
    }

    /// Remembers that the address has proved to be the session's.
    package func learn(_ address: TransportAddress, session: Int) {
        guard sole == nil, trails.indices.contains(session), trails[session] != nil else { return }
        if let former = byAddress[address] {
            trails[former, default: Trail()].addresses.removeAll { $0 == address }
        } else if trails[session, default: Trail()].addresses.count >= Self.addressesPerSession {
            byAddress.remove(trails[session, default: Trail()].addresses.removeFirst())
        }
        trails[session, default: Trail()].addresses.append(address)
        byAddress.set(address, session: session)
    }

    /// Lets answers from an address that a check is sent to find the session, unless a proven session has it.
    package func expect(_ address: TransportAddress, session: Int) {
        if sole == nil, byAddress[address] == nil { learn(address, session: session) }
    }

    /// The session that a STUN request names.
    package func session(named datagram: UnsafeRawBufferPointer) -> Int? {
        if let sole { return sole }
        guard let ufrag = unsafe STUNMessage.receiverUfrag(of: RawSpan(_unsafeBytes: datagram)) else { return nil }
        return byUfrag[ufrag]
    }

    /// The session that the datagram goes to, if any. Forged STUN from a stranger finds a session only with
    /// its fragment, and is then refused by that session's ICE agent.
    package func session(
        for datagram: UnsafeMutableRawBufferPointer, from remote: TransportAddress
    ) -> Match? {
        if let sole { return .known(sole) }
        if let first = unsafe datagram.first, first < 4,
            let ufrag = unsafe STUNMessage.receiverUfrag(of: RawSpan(_unsafeBytes: UnsafeRawBufferPointer(datagram)))
        {
            return byUfrag[ufrag].map { .named($0) }
        }
        return byAddress[remote].map { .known($0) }
    }

    /// What is remembered, for tests that nothing is left behind.
    var counts: (ufrags: Int, addresses: Int) { (byUfrag.count, byAddress.count) }
}

extension Array {
    /// An element that may be `nil`, with a default to change it in place.
    fileprivate subscript<Value>(index: Int, default value: @autoclosure () -> Value) -> Value
    where Element == Value? {
        get { indices.contains(index) ? self[index] ?? value() : value() }
        _modify {
            var element = self[index] ?? value()
            defer { self[index] = element }
            yield &element
        }
    }
}
