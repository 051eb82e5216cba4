/// When the packets of one transport arrived, by their transport-wide sequence numbers.
///
/// ```
///  0                   1                   2                   3
///  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// |V=2|P|  FMT=15 |    PT=205     |     length (words - 1)        |
/// |                   SSRC of the packet's sender                 |
/// |                   SSRC of the media source                    |
/// |     base sequence number      |      packet status count      |
/// |                 reference time                | fb pkt. count |
/// |         packet chunk          |  ...                          |
/// |         receive deltas, one or two bytes each ...             |
/// ```
///
/// Only the packets that arrived are listed, so that a few bytes of "not received" runs cost a few bytes here.
///
/// - SeeAlso: draft-holmer-rmcat-transport-wide-cc-extensions-01 §3.1.
public struct TransportFeedback: Hashable, Sendable {
    /// One packet that arrived.
    public struct Arrival: Hashable, Sendable {
        /// Steps from the base sequence number.
        public var offset: UInt16
        /// Time since the arrival before in units of 250 µs; the first one counts from the reference time.
        public var delta: Int16

        /// Creates an arrival.
        public init(offset: UInt16, delta: Int16) {
            self.offset = offset
            self.delta = delta
        }
    }

    static let format: UInt8 = 15

    /// Who reports.
    public var sender: SSRC
    /// A stream of the transport.
    public var media: SSRC
    /// The first packet that the feedback is about.
    public var base: SequenceNumber
    /// How many packets the feedback is about; those without an arrival were not received.
    public var statusCount: UInt16
    /// The receiver's time in units of 64 ms; 24 bits that wrap, sign-extended.
    public var referenceTime: Int32
    /// Counts the feedback packets.
    public var feedbackCount: UInt8
    /// The packets that arrived, by ascending offset, each below the status count.
    public var arrivals: [Arrival]

    /// Creates feedback; `arrivals` ascend and lie below `statusCount`.
    public init(
        sender: SSRC, media: SSRC, base: SequenceNumber, statusCount: UInt16, referenceTime: Int32,
        feedbackCount: UInt8, arrivals: [Arrival]
    ) {
        self.sender = sender
        self.media = media
        self.base = base
        self.statusCount = statusCount
        self.referenceTime = referenceTime
        self.feedbackCount = feedbackCount
        self.arrivals = arrivals
    }

    /// The transport-wide sequence number of an arrival.
    public func sequenceNumber(of arrival: Arrival) -> SequenceNumber {
        base.advanced(by: Int(arrival.offset))
    }
}
