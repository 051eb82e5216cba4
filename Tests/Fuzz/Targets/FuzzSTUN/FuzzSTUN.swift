internal import FuzzInput
internal import LiveKitCore

/// A STUN message, RFC 8489: what reads must write something that reads.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzSTUN(_ start: UnsafeRawPointer, _ count: Int) -> CInt {
    let bytes = unsafe [UInt8](fuzzing: start, count: count)
    _ = STUNMessage.receiverUfrag(of: bytes.rawSpan)
    guard let message = try? STUNMessage(parsing: bytes) else { return 0 }
    let again = try? STUNMessage(parsing: message.encoded(fingerprint: false))
    precondition(again != nil, "what was read and written cannot be read again")
    return 0
}
