public import LiveKitMedia

/// Takes the pictures of a remote video track, decoded.
public protocol VideoRenderer: AnyObject, Sendable {
    /// Takes one picture. Called on a task of the track's, one picture after the other; taking long delays
    /// and in the end drops later pictures.
    func render(frame: I420Frame)
}

/// Takes the pictures of a remote video track as they were sent, for recorders and for counting.
public protocol EncodedVideoReceiver: AnyObject, Sendable {
    /// Takes one whole VP8 picture, in order; a picture that was lost for good is followed by a key frame.
    /// Called on the media loop: must return at once.
    func receive(encodedFrame: EncodedVideoFrame)
}
