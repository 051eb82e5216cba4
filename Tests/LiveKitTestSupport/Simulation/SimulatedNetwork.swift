package import LiveKitCore

/// Hosts, NATs and the links between them, on a clock that only its owner moves.
///
/// A value: everything random comes from one seed, nothing sleeps, and the same calls give the same network again,
/// so one seed replays one failure. It carries bytes and knows no protocol.
///
/// ```
///   host ─uplink─► [its NAT] ─path, if one was laid─► [the receiver's NAT] ─downlink─► host
/// ```
///
/// Links without conditions take no time, so a network may be as simple as two hosts and one delay.
package struct SimulatedNetwork {
    package struct HostID: Hashable, Sendable { let index: Int }
    package struct NATID: Hashable, Sendable { let index: Int }
    package struct LinkID: Hashable, Sendable { let index: Int }

    /// What arrived. `destination` is the address of the receiver's own.
    package struct Delivery: Sendable {
        package let host: HostID
        package var bytes: [UInt8]
        package let source: TransportAddress
        package let destination: TransportAddress
    }

    private struct Host {
        var name: String
        var addresses: [(address: TransportAddress, nat: NATID?)]
        var uplink: LinkID
        var downlink: LinkID
    }

    private enum Owner { case host(HostID), nat(NATID) }

    private struct Place: Hashable {
        var nat: NATID?
        var address: TransportAddress
    }

    private struct Route: Hashable {
        var sender: HostID
        var address: TransportAddress
    }

    private enum Event {
        case exit(LinkID, SimulatedDatagram)
        case departure(LinkID)
        case conditions(LinkID, LinkConditions)
        case rebinding(NATID, TransportAddress?)
    }

    package private(set) var now = MediaInstant.start
    package private(set) var trace: NetworkTrace
    private var hosts: [Host] = []
    private var nats: [SimulatedNAT] = []
    private var links: [SimulatedLinkState] = []
    private var owners: [Place: Owner] = [:]
    private var paths: [Route: LinkID] = [:]
    private var events = EventQueue<Event>()
    private var deliveries: [Delivery] = []
    private var taken = 0
    private var random: DeterministicRandom

    package init(seed: UInt64, traceCapacity: Int = 64) {
        random = DeterministicRandom(seed: seed)
        trace = NetworkTrace(capacity: traceCapacity)
    }

    // MARK: Building

    /// Adds a NAT with its public addresses, one for each family that it translates.
    package mutating func addNAT(_ behaviour: NATBehaviour, addresses: [TransportAddress]) -> NATID {
        let id = NATID(index: nats.count)
        nats.append(SimulatedNAT(behaviour, addresses: addresses, seed: random.next()))
        for address in addresses { owners[Place(nat: nil, address: address.with(port: 0))] = .nat(id) }
        return id
    }

    /// Adds a host. Its addresses are private ones when it is behind a NAT; two NATs may hide the same.
    package mutating func addHost(
        _ name: String, addresses: [TransportAddress], behind nat: NATID? = nil, uplink: LinkConditions = .ideal,
        downlink: LinkConditions = .ideal
    ) -> HostID {
        let id = HostID(index: hosts.count)
        hosts.append(
            Host(name: name, addresses: [], uplink: addLink(uplink), downlink: addLink(downlink)))
        for address in addresses { add(address, to: id, behind: nat) }
        return id
    }

    /// Gives a host another address, behind a NAT or not.
    package mutating func add(_ address: TransportAddress, to host: HostID, behind nat: NATID? = nil) {
        let address = address.with(port: 0)
        hosts[host.index].addresses.append((address, nat))
        owners[Place(nat: nat, address: address)] = .host(host)
    }

    /// Takes an address away from a host, as when an interface goes down.
    package mutating func remove(_ address: TransportAddress, from host: HostID) {
        let address = address.with(port: 0)
        for known in hosts[host.index].addresses where known.address == address {
            owners[Place(nat: known.nat, address: address)] = nil
        }
        hosts[host.index].addresses.removeAll { $0.address == address }
    }

    /// Lays a link of its own, between uplink and downlink, for what a host sends to one public address.
    @discardableResult
    package mutating func addPath(
        from host: HostID, to address: TransportAddress, _ conditions: LinkConditions
    ) -> LinkID {
        let link = addLink(conditions)
        paths[Route(sender: host, address: address.with(port: 0))] = link
        return link
    }

    private mutating func addLink(_ conditions: LinkConditions) -> LinkID {
        links.append(SimulatedLinkState(conditions, seed: random.next()))
        return LinkID(index: links.count - 1)
    }

    package func name(of host: HostID) -> String { hosts[host.index].name }
    package func addresses(of host: HostID) -> [TransportAddress] { hosts[host.index].addresses.map(\.address) }
    package func uplink(of host: HostID) -> LinkID { hosts[host.index].uplink }
    package func downlink(of host: HostID) -> LinkID { hosts[host.index].downlink }
    package func conditions(of link: LinkID) -> LinkConditions { links[link.index].conditions }
    /// Bytes that wait on a rate-limited link.
    package func queuedBytes(on link: LinkID) -> Int { links[link.index].queuedBytes }

    /// The address by which the world sees a socket behind a NAT, while there is a mapping.
    package func externalAddress(
        of inside: TransportAddress, behind nat: NATID, toward remote: TransportAddress
    ) -> TransportAddress? {
        nats[nat.index].externalAddress(of: inside, toward: remote)
    }

    // MARK: Changing

    /// Changes a link, now or at a time to come. What is on the wire already is not touched, what waits is.
    package mutating func setConditions(
        _ conditions: LinkConditions, of link: LinkID, at instant: MediaInstant? = nil
    ) {
        if let instant, instant > now {
            events.insert(.conditions(link, conditions), at: instant)
        } else {
            links[link.index].conditions = conditions
        }
    }

    /// Changes part of a link's conditions now.
    package mutating func update(_ link: LinkID, _ change: (inout LinkConditions) -> Void) {
        change(&links[link.index].conditions)
    }

    /// Lets nothing through a link for a span of time.
    package mutating func addOutage(of link: LinkID, from start: MediaInstant, for duration: MediaDuration) {
        links[link.index].addOutage(start..<start + duration)
    }

    /// Cuts a host off for a span of time, both ways.
    package mutating func addOutage(of host: HostID, from start: MediaInstant, for duration: MediaDuration) {
        addOutage(of: uplink(of: host), from: start, for: duration)
        addOutage(of: downlink(of: host), from: start, for: duration)
    }

    /// Makes a NAT forget its mappings, now or at a time to come; with `address`, its line gets another one.
    package mutating func rebind(_ nat: NATID, to address: TransportAddress? = nil, at instant: MediaInstant? = nil) {
        if let instant, instant > now {
            events.insert(.rebinding(nat, address), at: instant)
        } else {
            rebindNow(nat, to: address)
        }
    }

    private mutating func rebindNow(_ nat: NATID, to address: TransportAddress?) {
        if let address {
            for old in nats[nat.index].addresses where old.family == address.family {
                owners[Place(nat: nil, address: old)] = nil
            }
            owners[Place(nat: nil, address: address.with(port: 0))] = .nat(nat)
        }
        nats[nat.index].rebind(to: address)
    }

    // MARK: Running

    /// Sends a datagram. An unspecified source stands for the host's first address of the destination's family.
    package mutating func send(
        _ bytes: [UInt8], from host: HostID, source: TransportAddress, to destination: TransportAddress
    ) {
        var source = source
        if source.isUnspecified {
            let own = hosts[host.index].addresses.first { $0.address.family == destination.family }
            source = own?.address.with(port: source.port) ?? source
        }
        let datagram = SimulatedDatagram(bytes: bytes, source: source, destination: destination, sender: host)
        trace.note(.sent, datagram, now: now)
        enter(hosts[host.index].uplink, datagram)
    }

    /// When something happens next of itself.
    package var nextEventAt: MediaInstant? {
        taken < deliveries.count ? now : events.nextAt
    }

    /// Moves on to the earliest of `deadline`, the next arrival and `end`, and never back.
    package mutating func advance(to deadline: MediaInstant?, end: MediaInstant) {
        let target = max(now, min(deadline ?? end, end))
        while taken == deliveries.count {
            guard let (at, event) = events.next(until: target) else {
                now = target
                return
            }
            now = max(now, at)
            handle(event)
        }
    }

    /// Takes what has arrived, in order.
    package mutating func takeDelivery() -> Delivery? {
        guard taken < deliveries.count else { return nil }
        let delivery = deliveries[taken]
        taken += 1
        if taken == deliveries.count {
            deliveries.removeAll(keepingCapacity: true)
            taken = 0
        }
        return delivery
    }

    private mutating func handle(_ event: Event) {
        switch event {
        case .exit(let link, let datagram): leave(link, datagram)
        case .departure(let link): depart(link)
        case .conditions(let link, let conditions): links[link.index].conditions = conditions
        case .rebinding(let nat, let address): rebindNow(nat, to: address)
        }
    }

    // MARK: Links

    private mutating func enter(_ link: LinkID, _ datagram: SimulatedDatagram) {
        guard !links[link.index].isDown(now) else { return trace.note(.outage, datagram, now: now) }
        let conditions = links[link.index].conditions
        if let mtu = conditions.mtu, datagram.ipSize > mtu {
            let header = datagram.destination.family == .ipv4 ? 20 : 40
            let room = max(mtu - header, 8) / 8 * 8
            trace.note(fragments: (datagram.ipSize - header + room - 1) / room)
            return trace.note(.tooLarge, datagram, now: now)
        }
        guard conditions.rate != nil || links[link.index].isBusy else { return launch(link, datagram) }
        guard links[link.index].enqueue(datagram) else { return trace.note(.queueFull, datagram, now: now) }
        if !links[link.index].isBusy { serialize(link) }
    }

    /// Puts the head of the queue on the wire; it has left it by its departure.
    private mutating func serialize(_ link: LinkID) {
        guard let duration = links[link.index].nextSerialization else {
            links[link.index].isBusy = false
            return
        }
        links[link.index].isBusy = true
        events.insert(.departure(link), at: now + duration)
    }

    private mutating func depart(_ link: LinkID) {
        if let datagram = links[link.index].dequeue() { launch(link, datagram) }
        serialize(link)
    }

    private mutating func launch(_ link: LinkID, _ datagram: SimulatedDatagram) {
        guard !links[link.index].isDown(now) else { return trace.note(.outage, datagram, now: now) }
        guard let crossing = links[link.index].cross(now: now) else { return trace.note(.lost, datagram, now: now) }
        if crossing.isReordered { trace.note(.reordered, datagram, now: now) }
        if let duplicateAt = crossing.duplicateAt {
            trace.note(.duplicated, datagram, now: now)
            events.insert(.exit(link, datagram), at: duplicateAt)
        }
        if crossing.arrivesAt <= now {
            leave(link, datagram)
        } else {
            events.insert(.exit(link, datagram), at: crossing.arrivesAt)
        }
    }

    // MARK: Hops

    private mutating func leave(_ link: LinkID, _ datagram: SimulatedDatagram) {
        switch datagram.hop {
        case .uplink: leaveSite(datagram)
        case .core: reachSite(datagram)
        case .downlink: deliver(datagram)
        }
    }

    /// Out of the sender's uplink: through its NAT, unless the receiver stands behind the same.
    private mutating func leaveSite(_ original: SimulatedDatagram) {
        var datagram = original
        datagram.hop = .core
        let own = hosts[datagram.sender.index].addresses.first { $0.address == datagram.source.with(port: 0) }
        guard let own else { return trace.note(.unroutable, datagram, now: now) }
        if let nat = own.nat {
            let local = Place(nat: nat, address: datagram.destination.with(port: 0))
            if case .host(let neighbour) = owners[local] {
                return enterDownlink(of: neighbour, datagram)
            }
            if nats[nat.index].owns(datagram.destination), !nats[nat.index].behaviour.hairpins {
                return trace.note(.filtered, datagram, now: now)
            }
            guard
                let external = nats[nat.index].translateOutbound(
                    datagram.source, to: datagram.destination, now: now)
            else { return trace.note(.unroutable, datagram, now: now) }
            datagram.source = external
        }
        let route = Route(sender: datagram.sender, address: datagram.destination.with(port: 0))
        if !paths.isEmpty, let path = paths[route] {
            enter(path, datagram)
        } else {
            reachSite(datagram)
        }
    }

    /// At the receiver's site: through its NAT to its downlink.
    private mutating func reachSite(_ original: SimulatedDatagram) {
        var datagram = original
        switch owners[Place(nat: nil, address: datagram.destination.with(port: 0))] {
        case .none:
            trace.note(.unroutable, datagram, now: now)
        case .host(let host):
            enterDownlink(of: host, datagram)
        case .nat(let nat):
            let inside = nats[nat.index].translateInbound(datagram.destination, from: datagram.source, now: now)
            guard let inside, case .host(let host) = owners[Place(nat: nat, address: inside.with(port: 0))] else {
                return trace.note(.filtered, datagram, now: now)
            }
            datagram.destination = inside
            enterDownlink(of: host, datagram)
        }
    }

    private mutating func enterDownlink(of host: HostID, _ original: SimulatedDatagram) {
        var datagram = original
        datagram.hop = .downlink
        datagram.receiver = host
        enter(hosts[host.index].downlink, datagram)
    }

    private mutating func deliver(_ datagram: SimulatedDatagram) {
        guard let host = datagram.receiver else { return }
        trace.note(.delivered, datagram, now: now)
        deliveries.append(
            Delivery(
                host: host, bytes: datagram.bytes, source: datagram.source, destination: datagram.destination))
    }
}
