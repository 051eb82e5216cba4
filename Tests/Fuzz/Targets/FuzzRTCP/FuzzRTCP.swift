internal import FuzzInput
internal import LiveKitCore

/// A compound of RTCP packets, RFC 3550 §6, RFC 4585, transport-wide feedback.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzRTCP(_ start: UnsafeRawPointer, _ count: Int) -> CInt {
    let bytes = unsafe [UInt8](fuzzing: start, count: count)
    let compound = RTCPCompound(parsing: bytes)
    let again = RTCPCompound(parsing: compound.encoded())
    precondition(again.packets.count == compound.packets.count, "a packet was lost between writing and reading")
    return 0
}
