internal import FuzzInput
internal import LiveKitCore

/// Transport-wide feedback (draft-holmer-rmcat-transport-wide-cc-extensions-01): what was read and written again
/// says the same.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzTransportFeedback(_ start: UnsafeRawPointer, _ count: Int) -> CInt {
    var bytes = unsafe [UInt8](fuzzing: start, count: count)
    while bytes.count % 4 != 0 || bytes.count < 16 { bytes.append(0) }
    let words = UInt16(truncatingIfNeeded: bytes.count / 4)
    let packet = [0x8F, 205, UInt8(words >> 8), UInt8(words & 0xFF)] + bytes
    for case .transportFeedback(let feedback) in RTCPCompound(parsing: packet).packets {
        let again = RTCPCompound(parsing: RTCPCompound([.transportFeedback(feedback)]).encoded())
        guard case .transportFeedback(let copy)? = again.packets.first else {
            preconditionFailure("what was written cannot be read again")
        }
        precondition(copy == feedback, "writing changed the feedback")
    }
    return 0
}
