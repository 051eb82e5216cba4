/// One encoded picture as it came over RTP.
package struct AssembledVideoFrame: Hashable, Sendable {
    package var data: [UInt8]
    package var timestamp: UInt32
    package var isKeyFrame: Bool
    /// The codec's own frame number, where it has one.
    package var pictureID: UInt16?
}
