package import LiveKitCore

// The way of media: ChannelData is made and read where the datagram stands, without a copy to memory of its own.
extension TURNAllocation {
    /// Puts a datagram to a peer that has a channel into the form that goes to the server, in its slot.
    ///
    /// The slot holds the datagram's `count` bytes, and behind them room for ``inPlaceOverhead``.
    ///
    /// - Returns: The size of the ChannelData message; `nil` where ``send(_:to:now:)`` has to be taken.
    package mutating func wrap(
        _ slot: UnsafeMutableRawBufferPointer, count: Int, to peer: TransportAddress, now: MediaInstant
    ) -> Int? {
        // Streams are padded to a multiple of four (RFC 8656 §12.5).
        let padding = configuration.transport.isStream ? -count & 3 : 0
        let size = ChannelData.headerSize + count + padding
        guard count > 0, count <= ChannelData.maximumPayload, size <= slot.count,
            let channel = channelInUse(to: peer, now: now)
        else { return nil }
        let payload = unsafe UnsafeMutableRawBufferPointer(rebasing: slot[ChannelData.headerSize..<size])
        unsafe payload.copyMemory(from: UnsafeRawBufferPointer(rebasing: slot[..<count]))
        for index in count..<count + padding { unsafe payload[index] = 0 }
        var span = unsafe MutableRawSpan(_unsafeBytes: slot)
        span.store(networkInteger: channel, at: 0)
        span.store(networkInteger: UInt16(truncatingIfNeeded: count), at: 2)
        return size
    }

    /// Bytes that ``wrap(_:count:to:now:)`` may add.
    package static let inPlaceOverhead = ChannelData.headerSize + 3

    /// Finds the datagram in a ChannelData message from the server.
    ///
    /// - Returns: Who sent it, and where in the message it stands; `nil` where ``receive(_:now:)`` has to be taken.
    package mutating func unwrap(
        _ message: UnsafeMutableRawBufferPointer, now: MediaInstant
    ) -> (peer: TransportAddress, payload: UnsafeMutableRawBufferPointer)? {
        let span = unsafe RawSpan(_unsafeBytes: UnsafeRawBufferPointer(message))
        guard ChannelData.looksLikeChannelData(span) else { return nil }
        let number = unsafe UInt16(bigEndian: span.unsafeLoadUnaligned(fromByteOffset: 0, as: UInt16.self))
        let length = unsafe Int(UInt16(bigEndian: span.unsafeLoadUnaligned(fromByteOffset: 2, as: UInt16.self)))
        let end = ChannelData.headerSize + length
        guard end <= message.count, message.count - end < 4, let peer = heardPeer(ofChannel: number, now: now) else {
            return nil
        }
        statistics.received += 1
        return unsafe (peer, UnsafeMutableRawBufferPointer(rebasing: message[ChannelData.headerSize..<end]))
    }

    private mutating func channelInUse(to peer: TransportAddress, now: MediaInstant) -> UInt16? {
        guard state == .allocated, let known = peers[peer], known.hasChannel(now: now), known.isPermitted(now: now),
            !known.isRefused(now: now), let channel = known.channel
        else { return nil }
        peers[peer]?.lastUsedAt = now
        noteSent(now: now)
        statistics.sentOnChannels += 1
        return channel
    }

    mutating func heardPeer(ofChannel number: UInt16, now: MediaInstant) -> TransportAddress? {
        guard let peer = peersByChannel[number] else { return nil }
        peers[peer]?.lastUsedAt = now
        unansweredSince = nil
        return peer
    }

    /// Data has gone out, which somebody should answer.
    mutating func noteSent(now: MediaInstant) {
        if unansweredSince == nil, state == .allocated { unansweredSince = now }
    }
}
