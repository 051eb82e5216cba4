internal import FuzzInput

/// Offers and answers in any order, RFC 9429.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzNegotiator(_ start: UnsafeRawPointer, _ count: Int) -> CInt {
    NegotiatorModel.run(unsafe [UInt8](fuzzing: start, count: count))
    return 0
}
