internal import FuzzInput
internal import LiveKitCore

/// What stands before media in RTP payloads: the VP8 descriptor and key frame header, and RED.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzVP8(_ start: UnsafeRawPointer, _ count: Int) -> CInt {
    let bytes = unsafe [UInt8](fuzzing: start, count: count)
    _ = try? VP8KeyFrameHeader(parsing: bytes.rawSpan)
    _ = try? REDPayload(parsing: bytes.rawSpan)
    guard let descriptor = try? VP8PayloadDescriptor(parsing: bytes.rawSpan) else { return 0 }
    precondition(descriptor.encodedSize <= bytes.count, "the descriptor is longer than the payload")
    return 0
}
