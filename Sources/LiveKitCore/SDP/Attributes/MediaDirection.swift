/// Which way media flow, as the author of a description sees it (RFC 8866 §6.7).
public enum MediaDirection: String, Hashable, Sendable, CaseIterable {
    /// Both ways.
    case sendrecv
    /// From the author only.
    case sendonly
    /// To the author only.
    case recvonly
    /// Neither.
    case inactive

    /// The direction with or without sending and receiving.
    public init(sends: Bool, receives: Bool) {
        self =
            switch (sends, receives) {
            case (true, true): .sendrecv
            case (true, false): .sendonly
            case (false, true): .recvonly
            case (false, false): .inactive
            }
    }

    /// Whether the author sends.
    public var sends: Bool { self == .sendrecv || self == .sendonly }
    /// Whether the author receives.
    public var receives: Bool { self == .sendrecv || self == .recvonly }
    /// The same as the other side sees it.
    public var reversed: MediaDirection { MediaDirection(sends: receives, receives: sends) }

    /// What both allow.
    public func intersection(_ other: MediaDirection) -> MediaDirection {
        MediaDirection(sends: sends && other.sends, receives: receives && other.receives)
    }
}

extension SDPAttributes {
    /// The direction that is written, if one is; without one, media are `sendrecv`.
    public var direction: MediaDirection? {
        get {
            for attribute in self where attribute.value == nil {
                if let direction = MediaDirection(rawValue: attribute.name) { return direction }
            }
            return nil
        }
        set {
            for direction in MediaDirection.allCases { removeAll(named: direction.rawValue) }
            if let newValue { append(newValue.rawValue) }
        }
    }
}
