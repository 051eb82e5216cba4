package import LiveKitCore

/// The bounds of this folder's lists and loops, each with its reason.
package enum RTPLimits {
    /// Missing packets that one stream may have under request. Past it the oldest is given up: a gap that large is
    /// repaired by a key frame, not packet by packet.
    package static let missingPackets = 100
    /// A jump of sequence numbers beyond this is another stream's numbering, not loss (RFC 3550 A.1, MAX_DROPOUT).
    package static let sequenceJump = 3000
    /// How far behind the highest number a packet may come and still be old (RFC 3550 A.1, MAX_MISORDER).
    package static let sequenceReordering = 100
    /// Arrivals that wait for the next transport feedback. One hundred force a feedback, so this is reached only when
    /// nobody polls; the oldest then goes unreported.
    package static let feedbackArrivals = 512
    /// Arrivals in one transport feedback, so that it fits one datagram of 1200 bytes: two bytes of delta and at
    /// worst two chunks of two bytes for each.
    package static let arrivalsInFeedback = 180
    /// Packets that one transport feedback may span; the sender has forgotten what is older.
    package static let feedbackSpan = 5000
    /// Packets kept for retransmission: about a second of video at 500 packets each second.
    package static let retransmissionPacketsVideo = 512
    /// Packets kept for retransmission: more than three seconds of audio at 50 packets each second.
    package static let retransmissionPacketsAudio = 256
    /// Room for each stored packet: a datagram that fits Ethernet.
    package static let packetSize = 1500
    /// Video packets that wait to become frames: about a second at 4 Mbit/s.
    package static let jitterPacketsVideo = 512
    /// Audio packets that wait for their time: more than two seconds of 20 ms each, above any delay we play with.
    package static let jitterPacketsAudio = 128
    /// The largest frame that is put together: all the packets that the buffer holds.
    package static let frameSize = jitterPacketsVideo * packetSize
    /// A packet is not sent again to one receiver sooner than this, or than three quarters of a round trip where that is
    /// shorter: a request that arrives a whole round trip later was made by who knew that the packet sent again was
    /// lost, too.
    package static func retransmissionInterval(roundTripTime: MediaDuration?) -> MediaDuration {
        let longest: MediaDuration = .milliseconds(100)
        return min(roundTripTime.map { $0 * 3 / 4 } ?? longest, longest)
    }
    /// How often one packet is sent again to one receiver: as often as ``NACKGenerator`` asks.
    package static let retransmissionsPerPacket: UInt8 = 10
    /// Media packets that forward error correction remembers: twice the reach of its longest mask, so that reordering
    /// costs nothing.
    package static let flexFECPackets = 256
    /// Repair packets that wait for the packets they protect, as many as libwebrtc keeps.
    package static let flexFECRepairs = 48
    /// Media packets in one group of forward error correction, as many as libwebrtc ever protects together.
    package static let flexFECGroup = 48
    /// Earlier payloads in a redundant one: LiveKit's server sends no more.
    package static let redDistance = 2
    /// A redundant payload's size, so that the datagram stays within 1200 bytes.
    package static let redPayloadSize = 1100
    /// Packets by which redundancy tells what came already: more than any sender repeats.
    package static let redHistory = 64
    /// Sender reports that the clocks of a stream are fitted to: twenty seconds at the usual pace, as libwebrtc does.
    package static let clockPoints = 20
    /// Clocks of receivers that wait for their answer, and clocks of ours that wait for one.
    package static let referenceTimes = 32
    /// What the 5-bit count of a report can hold (RFC 3550 §6.4.1).
    package static let blocksInReport = 31
    /// Streams that an estimate names: it is one for all of them, and fits a datagram.
    package static let streamsInEstimate = 64
    /// Receiver reports in one interval: with one each second, each of 512 streams is reported on within five.
    package static let reportsInInterval = 4
    /// Key frames are asked for at most this often: LiveKit's throttle for the lowest layer.
    package static let keyframeInterval: MediaDuration = .milliseconds(500)
    /// Lost audio that is told of afterwards, to be concealed: what decoders stretch before they fall silent.
    package static let longestConcealment: MediaDuration = .milliseconds(120)
    /// Streams whose last command for a key frame is remembered.
    package static let keyframeCommands = 64
}
