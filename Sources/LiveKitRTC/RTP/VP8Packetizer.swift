package import LiveKitCore

/// Cuts encoded VP8 frames into payloads of about equal size.
///
/// It copies nothing: it tells which range of the frame goes behind which descriptor. Partitions are not told apart;
/// every packet belongs to partition 0, as RFC 7741 §4.4 allows.
///
/// - SeeAlso: [RFC 7741 §4.2, §4.4](https://www.rfc-editor.org/rfc/rfc7741#section-4.2).
package struct VP8Packetizer: Sendable {
    /// One packet's share of a frame.
    package struct Piece: Hashable, Sendable {
        package var descriptor: VP8PayloadDescriptor
        /// The bytes of the frame that follow the descriptor.
        package var range: Range<Int>
        /// Whether this is the frame's last packet: the marker bit.
        package var isLast: Bool
    }

    private let maximumPayloadSize: Int
    private var pictureID: UInt16
    private var temporalLayerZeroIndex: UInt8?

    /// `pictureID` is where the frames' numbers start; `hasTemporalLayers` adds the fields of temporal scalability.
    package init(maximumPayloadSize: Int, pictureID: UInt16, hasTemporalLayers: Bool = false) {
        self.maximumPayloadSize = max(maximumPayloadSize, 16)
        self.pictureID = pictureID & 0x7FFF
        temporalLayerZeroIndex = hasTemporalLayers ? 0 : nil
    }

    /// Calls `body` with each packet's share of the next frame, in order. Empty frames have none.
    package mutating func packetize(
        frameSize: Int, temporalID: UInt8 = 0, isLayerSync: Bool = false, isNonReference: Bool = false,
        _ body: (Piece) -> Void
    ) {
        guard frameSize > 0 else { return }
        var descriptor = VP8PayloadDescriptor(isPartitionStart: true, pictureID: pictureID)
        descriptor.isNonReference = isNonReference
        if let index = temporalLayerZeroIndex {
            let current = temporalID == 0 ? index &+ 1 : index
            temporalLayerZeroIndex = current
            descriptor.temporalLayerZeroIndex = current
            descriptor.temporalID = temporalID & 3
            descriptor.isLayerSync = isLayerSync
        }
        let room = maximumPayloadSize - descriptor.encodedSize
        let count = (frameSize + room - 1) / room
        for index in 0..<count {
            let range = frameSize * index / count..<frameSize * (index + 1) / count
            descriptor.isPartitionStart = index == 0
            body(Piece(descriptor: descriptor, range: range, isLast: index == count - 1))
        }
        pictureID = (pictureID + 1) & 0x7FFF
    }
}
