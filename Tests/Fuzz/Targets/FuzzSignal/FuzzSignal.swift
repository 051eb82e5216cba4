internal import FuzzInput
internal import LiveKitProtobuf
internal import SwiftProtobuf

/// A client's signalling message, in both of its encodings.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzSignal(_ start: UnsafeRawPointer, _ count: Int) -> CInt {
    let bytes = unsafe [UInt8](fuzzing: start, count: count)
    if let request = try? Livekit_SignalRequest(serializedBytes: bytes) { _ = try? request.jsonString() }
    _ = try? Livekit_SignalRequest(jsonString: String(decoding: bytes, as: UTF8.self))
    return 0
}
