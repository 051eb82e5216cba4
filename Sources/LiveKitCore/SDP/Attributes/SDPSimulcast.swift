/// `simulcast` (RFC 8853 §5.1): the encodings of one picture that are sent or received side by side.
public struct SDPSimulcast: Hashable, Sendable, SDPAttributeValue {
    /// The attribute's name.
    public static let attributeName = "simulcast"

    /// One encoding by its rid.
    public struct Encoding: Hashable, Sendable {
        /// The rid.
        public var id: String
        /// Whether it starts paused (`~`).
        public var isPaused: Bool

        /// An encoding.
        public init(_ id: String, isPaused: Bool = false) {
            self.id = id
            self.isPaused = isPaused
        }
    }

    /// What the author sends: streams, each with its alternatives in order of preference.
    public var send: [[Encoding]]
    /// What the author receives.
    public var receive: [[Encoding]]

    /// Streams in both directions.
    public init(send: [[Encoding]] = [], receive: [[Encoding]] = []) {
        self.send = send
        self.receive = receive
    }

    /// Reads `send q;h;f recv a,~b`, the directions in either order. The form of early drafts is refused.
    public init?(attributeValue: String) {
        self.init()
        let fields = Substring(attributeValue).fields()
        guard fields.count == 2 || fields.count == 4 else { return nil }
        for index in stride(from: 0, to: fields.count, by: 2) {
            guard let streams = Self.streams(fields[index + 1]) else { return nil }
            switch fields[index] {
            case "send" where send.isEmpty: send = streams
            case "recv" where receive.isEmpty: receive = streams
            default: return nil
            }
        }
    }

    /// The value as text.
    public var attributeValue: String {
        var fields: [String] = []
        if !send.isEmpty { fields += ["send", Self.text(send)] }
        if !receive.isEmpty { fields += ["recv", Self.text(receive)] }
        return fields.joined(separator: " ")
    }

    private static func streams(_ text: Substring) -> [[Encoding]]? {
        guard !text.utf8.contains(UInt8(ascii: "=")) else { return nil }
        let streams = text.parts(separator: ";").map { stream in
            stream.parts(separator: ",").compactMap { id -> Encoding? in
                let isPaused = id.utf8.first == UInt8(ascii: "~")
                let name = isPaused ? Substring(id.utf8.dropFirst()) : id
                return name.isEmpty ? nil : Encoding(String(name), isPaused: isPaused)
            }
        }.filter { !$0.isEmpty }
        return streams.isEmpty ? nil : streams
    }

    private static func text(_ streams: [[Encoding]]) -> String {
        streams.map { stream in
            stream.map { ($0.isPaused ? "~" : "") + $0.id }.joined(separator: ",")
        }.joined(separator: ";")
    }
}

extension SDPAttributes {
    /// `simulcast`.
    public var simulcast: SDPSimulcast? { first() }
}
