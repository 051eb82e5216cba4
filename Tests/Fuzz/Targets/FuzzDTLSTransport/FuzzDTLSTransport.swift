internal import FuzzInput

/// A DTLS connection at every stage of its handshake, RFC 6347.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzDTLSTransport(_ start: UnsafeRawPointer, _ count: Int) -> CInt {
    DTLSTransportModel.run(unsafe [UInt8](fuzzing: start, count: count))
    return 0
}
