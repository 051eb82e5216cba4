internal import FuzzInput

/// An ICE agent under authenticated checks, calls and time, RFC 8445.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzICEAgent(_ start: UnsafeRawPointer, _ count: Int) -> CInt {
    ICEAgentModel.run(unsafe [UInt8](fuzzing: start, count: count))
    return 0
}
