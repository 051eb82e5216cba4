internal import FuzzInput

/// A TURN client under a server's words, its owner's calls and time, RFC 8656.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzTURNClient(_ start: UnsafeRawPointer, _ count: Int) -> CInt {
    TURNClientModel.run(unsafe [UInt8](fuzzing: start, count: count))
    return 0
}
