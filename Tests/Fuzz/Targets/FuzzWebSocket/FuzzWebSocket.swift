internal import FuzzInput

/// WebSocket frames and their compression, RFC 6455 and RFC 7692.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzWebSocket(_ start: UnsafeRawPointer, _ count: Int) -> CInt {
    WebSocketModel.run(unsafe [UInt8](fuzzing: start, count: count))
    return 0
}
