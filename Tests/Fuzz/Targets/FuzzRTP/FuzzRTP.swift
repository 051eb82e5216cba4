internal import FuzzInput
internal import LiveKitCore

/// An RTP packet with its header extensions, RFC 3550 and RFC 8285.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzRTP(_ start: UnsafeRawPointer, _ count: Int) -> CInt {
    let bytes = unsafe [UInt8](fuzzing: start, count: count)
    guard let packet = try? RTPPacket(parsing: bytes) else { return 0 }
    precondition((try? RTPPacket(parsing: packet.encoded())) != nil, "what was read and written cannot be read again")
    return 0
}
