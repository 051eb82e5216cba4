internal import FuzzInput

/// The jitter buffers of both kinds of media.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzJitterBuffers(_ start: UnsafeRawPointer, _ count: Int) -> CInt {
    JitterBufferModel.run(unsafe [UInt8](fuzzing: start, count: count))
    return 0
}
