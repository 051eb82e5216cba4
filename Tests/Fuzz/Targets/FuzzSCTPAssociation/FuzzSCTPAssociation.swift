internal import FuzzInput

/// An SCTP association under packets, calls and time, RFC 9260.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzSCTPAssociation(_ start: UnsafeRawPointer, _ count: Int) -> CInt {
    SCTPAssociationModel.run(unsafe [UInt8](fuzzing: start, count: count))
    return 0
}
