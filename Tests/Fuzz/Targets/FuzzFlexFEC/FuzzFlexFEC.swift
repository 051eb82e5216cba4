internal import FuzzInput

/// Forward error correction, from both ends.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzFlexFEC(_ start: UnsafeRawPointer, _ count: Int) -> CInt {
    FlexFECModel.run(unsafe [UInt8](fuzzing: start, count: count))
    return 0
}
