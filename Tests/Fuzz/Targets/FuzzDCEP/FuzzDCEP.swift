internal import FuzzInput
internal import LiveKitCore

/// A message of the data channel establishment protocol, RFC 8832.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzDCEP(_ start: UnsafeRawPointer, _ count: Int) -> CInt {
    let bytes = unsafe [UInt8](fuzzing: start, count: count)
    guard let message = try? DataChannelMessage(parsing: bytes) else { return 0 }
    precondition((try? DataChannelMessage(parsing: message.encoded())) == message, "writing changed the message")
    return 0
}
