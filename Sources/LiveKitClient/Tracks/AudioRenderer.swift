public import LiveKitMedia

/// Takes the sound of a remote audio track, decoded.
public protocol AudioRenderer: AnyObject, Sendable {
    /// Takes one buffer of 48 kHz sound, 20 ms as a rule. Called on a task of the track's, one buffer after the
    /// other; taking long delays and in the end drops later sound.
    func render(pcmBuffer: PCMBuffer)
}

/// Takes the sound of a remote audio track as it was sent, for recorders and for counting.
public protocol EncodedAudioReceiver: AnyObject, Sendable {
    /// Takes one packet, in order and at its time. Called on the media loop: must return at once.
    func receive(encodedPacket: EncodedAudioPacket)
}

/// One packet of compressed sound.
public struct EncodedAudioPacket: Hashable, Sendable {
    /// The Opus packet; `nil` for one that did not come in time.
    public var bytes: [UInt8]?
    /// The packet's place, in 48 kHz sample frames that wrap at 2³².
    public var timestamp: UInt32

    init(bytes: [UInt8]?, timestamp: UInt32) {
        self.bytes = bytes
        self.timestamp = timestamp
    }
}
