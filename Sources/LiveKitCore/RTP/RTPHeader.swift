/// The header of an RTP packet as a value.
///
/// For building packets, tools and tests; the packet path reads ``RTPPacketInfo`` and rewrites in place.
///
/// - SeeAlso: [RFC 3550 §5.1](https://www.rfc-editor.org/rfc/rfc3550#section-5.1),
///   [RFC 8285](https://www.rfc-editor.org/rfc/rfc8285).
public struct RTPHeader: Hashable, Sendable {
    /// One element of the header extension.
    public struct Extension: Hashable, Sendable {
        /// The identifier that the session description gave to the extension's URI: 1...14 in the one-byte
        /// form, 1...255 in the two-byte form.
        public var id: UInt8
        /// The value, as its own specification lays it out; at most 255 bytes are written.
        public var value: [UInt8]

        /// Creates an element.
        public init(id: UInt8, value: [UInt8]) {
            self.id = id
            self.value = value
        }
    }

    /// The payload type, 0...127.
    public var payloadType: UInt8
    /// The marker bit: for video, the last packet of a frame.
    public var marker: Bool
    /// The packet's place in its stream.
    public var sequenceNumber: SequenceNumber
    /// The sampling instant of the payload's first octet.
    public var timestamp: UInt32
    /// The stream.
    public var ssrc: SSRC
    /// The contributing sources; at most fifteen are written.
    public var csrcs: [SSRC]
    /// The elements of the header extension. Extensions of a profile other than RFC 8285's are skipped.
    public var extensions: [Extension]
    /// How many bytes of padding follow the payload, the count octet included; zero for none.
    public var paddingSize: UInt8

    /// Creates a header without contributing sources.
    public init(
        payloadType: UInt8, marker: Bool = false, sequenceNumber: SequenceNumber, timestamp: UInt32, ssrc: SSRC,
        extensions: [Extension] = []
    ) {
        self.payloadType = payloadType
        self.marker = marker
        self.sequenceNumber = sequenceNumber
        self.timestamp = timestamp
        self.ssrc = ssrc
        csrcs = []
        self.extensions = extensions
        paddingSize = 0
    }

    /// The value of the extension element `id`.
    public func extensionValue(id: UInt8) -> [UInt8]? {
        extensions.first { $0.id == id }?.value
    }
}
