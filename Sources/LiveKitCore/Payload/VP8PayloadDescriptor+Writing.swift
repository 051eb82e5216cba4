extension VP8PayloadDescriptor {
    /// The I, L, T and K bits: which of the optional fields there are.
    private var presence: UInt8 {
        (pictureID == nil ? 0 : 0x80) | (temporalLayerZeroIndex == nil ? 0 : 0x40) | (temporalID == nil ? 0 : 0x20)
            | (keyIndex == nil ? 0 : 0x10)
    }

    /// The descriptor's size in bytes, 1...6: of one that was read, where the VP8 data starts.
    public var encodedSize: Int {
        let presence = presence
        guard presence != 0 || isExtended else { return 1 }
        return 2 + (pictureID == nil ? 0 : isPictureIDLong ? 2 : 1) + (presence & 0x40 == 0 ? 0 : 1)
            + (presence & 0x30 == 0 ? 0 : 1)
    }

    /// The descriptor's bytes.
    public func encoded() -> [UInt8] {
        var writer = ByteWriter(capacity: 6)
        forEachOctet { writer.write($0) }
        return writer.bytes
    }

    /// Writes the descriptor over the bytes at `offset` and returns its size, or `nil` where it does not fit.
    package func write(to bytes: inout MutableRawSpan, at offset: Int) -> Int? {
        guard offset >= 0, offset <= bytes.byteCount - encodedSize else { return nil }
        var position = offset
        forEachOctet { octet in
            bytes.store(networkInteger: octet, at: position)
            position += 1
        }
        return position - offset
    }

    private func forEachOctet(_ body: (UInt8) -> Void) {
        let presence = presence
        let isExtended = presence != 0 || isExtended
        body(
            (isExtended ? 0x80 : 0) | (isNonReference ? 0x20 : 0) | (isPartitionStart ? 0x10 : 0)
                | partitionIndex & 0x07)
        guard isExtended else { return }
        body(presence)
        if let pictureID {
            if isPictureIDLong { body(0x80 | UInt8(truncatingIfNeeded: pictureID >> 8)) }
            body(UInt8(truncatingIfNeeded: isPictureIDLong ? pictureID : pictureID & 0x7F))
        }
        if let temporalLayerZeroIndex { body(temporalLayerZeroIndex) }
        guard presence & 0x30 != 0 else { return }
        body((temporalID ?? 0) << 6 | (isLayerSync ? 0x20 : 0) | (keyIndex ?? 0) & 0x1F)
    }
}
