internal import LiveKitCore
internal import LiveKitRTC

/// The gates of one participant's data channels, and what they let out.
struct DataGates {
    private var reliable: DataChannelGate
    private var lossy: DataChannelGate
    private var dataTrack: DataChannelGate
    /// Of the channels that anything is sent by, those that were closed by the client, or with its association, and that
    /// nothing was sent to since.
    private var closed: Set<DataChannelKind> = []
    /// What was left out since the last tally.
    private var counted = MediaTally()

    init(_ settings: ForwardingSettings) {
        reliable = DataChannelGate(.complete(slowestReader: settings.slowestReader))
        lossy = DataChannelGate(.fresh(within: settings.lossyLatency))
        dataTrack = DataChannelGate(.fresh(within: settings.dataTrackLatency))
    }

    /// Sends a message by the connection, or leaves it out. Returns `false` for the first one that came after its
    /// channel was closed.
    mutating func send(
        _ bytes: [UInt8], _ kind: DataChannelKind, on connection: PeerConnection, now: MediaInstant
    ) -> Bool {
        guard let channel = connection.channel(labelled: kind.label) else {
            counted.dataUndelivered &+= 1
            return closed.remove(kind) == nil
        }
        var gate = self[kind]
        defer { self[kind] = gate }
        switch gate.refusal(buffered: connection.bufferedAmount(of: channel), now: now) {
        case .waitsTooLong?:
            counted.dataTooLate &+= 1
        case .readerTooSlow?:
            counted.dataToSlowReaders &+= 1
        case nil:
            do {
                try connection.send(bytes, on: channel, now: now)
                gate.noteSent(byteCount: bytes.count, buffered: connection.bufferedAmount(of: channel), now: now)
            } catch {
                // Full, too long for the peer, or closing: its own timeouts end a peer that is gone.
                counted.dataUndelivered &+= 1
            }
        }
        return true
    }

    mutating func opened(_ kind: DataChannelKind) { closed.remove(kind) }
    mutating func closed(_ kind: DataChannelKind) {
        if kind.isKnown { closed.insert(kind) }
    }

    mutating func takeTally() -> MediaTally {
        defer { counted = MediaTally() }
        return counted
    }

    private subscript(kind: DataChannelKind) -> DataChannelGate {
        get {
            switch kind {
            case .reliable, .other: reliable
            case .lossy: lossy
            case .dataTrack: dataTrack
            }
        }
        set {
            switch kind {
            case .reliable, .other: reliable = newValue
            case .lossy: lossy = newValue
            case .dataTrack: dataTrack = newValue
            }
        }
    }
}

extension DataChannelKind {
    /// Whether it is one of LiveKit's own. Any number of others may be opened and closed.
    fileprivate var isKnown: Bool {
        if case .other = self { false } else { true }
    }
}
