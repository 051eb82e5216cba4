internal import FuzzInput
internal import LiveKitCore

/// Redundant audio, RFC 2198, in both forms of reading, which must agree.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzRED(_ start: UnsafeRawPointer, _ count: Int) -> CInt {
    let bytes = unsafe [UInt8](fuzzing: start, count: count)
    let payload = try? REDPayload(parsing: bytes.rawSpan)
    let layout = try? REDLayout(parsing: bytes.rawSpan)
    precondition((payload == nil) == (layout == nil), "one reading refuses what the other takes")
    guard let payload else { return 0 }
    precondition((try? REDPayload(parsing: payload.encoded().rawSpan)) != nil, "what was written cannot be read again")
    return 0
}
