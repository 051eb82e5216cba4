internal import FuzzInput
internal import LiveKitCore

/// A session description, RFC 8866.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzSDP(_ start: UnsafeRawPointer, _ count: Int) -> CInt {
    let bytes = unsafe [UInt8](fuzzing: start, count: count)
    guard let description = try? SessionDescription(parsing: bytes), let text = try? description.encoded() else {
        return 0
    }
    precondition((try? SessionDescription(parsing: text)) != nil, "what was read and written cannot be read again")
    return 0
}
