internal import LiveKitCore

/// The TCP connections and listeners of one loop by their numbers, which lie beyond those of UDP sockets.
struct StreamTable {
    struct Listener {
        let listener: TCPListener
        let demux: SessionDemux
        /// Not watched for now, because the system had no descriptor left.
        var isPaused = false
    }

    static let firstNumber = 1 << 20
    private static let firstListenerNumber = 1 << 24

    private var connections: [TCPConnection?] = []
    private var free: [Int] = []
    private(set) var listeners: [Listener?] = []
    private var bySession: [Int: [Int]] = [:]
    /// Numbers of connections that have proved nothing when they were opened, the oldest first.
    private var newcomers: [Int] = []
    private(set) var count = 0
    var nextSweepAt = MediaInstant.start

    /// Whether a number is a connection's or a listener's and not a UDP socket's.
    static func isNumber(_ number: Int) -> Bool { number >= firstNumber }

    subscript(number: Int) -> TCPConnection? {
        let index = number - Self.firstNumber
        return connections.indices.contains(index) ? connections[index] : nil
    }

    var numbers: [Int] { connections.indices.filter { connections[$0] != nil }.map { $0 + Self.firstNumber } }

    // MARK: Listeners

    mutating func add(_ listener: TCPListener, demux: SessionDemux) -> Int {
        listeners.append(Listener(listener: listener, demux: demux))
        return Self.firstListenerNumber + listeners.count - 1
    }

    static func listenerIndex(_ number: Int) -> Int? {
        number >= firstListenerNumber ? number - firstListenerNumber : nil
    }

    mutating func setPaused(_ isPaused: Bool, listener index: Int) {
        listeners[index]?.isPaused = isPaused
    }

    static func listenerNumber(_ index: Int) -> Int { firstListenerNumber + index }

    // MARK: Connections

    mutating func add(_ connection: TCPConnection) -> Int {
        let index = free.popLast() ?? connections.count
        if index == connections.count { connections.append(nil) }
        connections[index] = connection
        count += 1
        let number = index + Self.firstNumber
        newcomers.append(number)
        if let session = connection.session { bySession[session, default: []].append(number) }
        return number
    }

    mutating func assign(_ number: Int, to session: Int) {
        self[number]?.session = session
        bySession[session, default: []].append(number)
    }

    mutating func remove(_ number: Int) -> TCPConnection? {
        guard let connection = self[number] else { return nil }
        let index = number - Self.firstNumber
        connections[index] = nil
        free.append(index)
        count -= 1
        newcomers.removeAll { $0 == number }
        if let session = connection.session {
            bySession[session]?.removeAll { $0 == number }
            if bySession[session]?.isEmpty ?? false { bySession[session] = nil }
        }
        return connection
    }

    func connections(of session: Int) -> [Int] { bySession[session] ?? [] }

    mutating func proved(_ number: Int) {
        newcomers.removeAll { $0 == number }
    }

    /// The connection to close before another newcomer is let in.
    var crowdedOut: Int? {
        newcomers.count >= StreamLimits.unprovenConnections ? newcomers.first : nil
    }

    mutating func removeAll() {
        self = StreamTable()
    }
}
