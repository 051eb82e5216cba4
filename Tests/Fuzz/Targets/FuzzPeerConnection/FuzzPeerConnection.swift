internal import FuzzInput

/// A peer connection behind decryption: RTP, RTCP, descriptions.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzPeerConnection(_ start: UnsafeRawPointer, _ count: Int) -> CInt {
    PeerConnectionModel.run(unsafe [UInt8](fuzzing: start, count: count))
    return 0
}
