internal import FuzzInput
internal import LiveKitCore

/// An SCTP packet with its chunks and parameters, RFC 9260.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzSCTP(_ start: UnsafeRawPointer, _ count: Int) -> CInt {
    let bytes = unsafe [UInt8](fuzzing: start, count: count)
    guard bytes.count >= 12 else { return 0 }
    // A checksum that happens to be right is too rare; RFC 9653 lets zero stand for it.
    var unchecked = bytes
    unchecked.replaceSubrange(8..<12, with: [0, 0, 0, 0])
    guard let packet = try? SCTPPacket(parsing: unchecked, acceptsZeroChecksum: true) else { return 0 }
    precondition((try? SCTPPacket(parsing: packet.encoded())) != nil, "what was read and written cannot be read again")
    return 0
}
