internal import FuzzInput
internal import LiveKitCore

/// The elements of an RTP packet's header extension, RFC 8285, and what each of them may hold.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzHeaderExtensions(_ start: UnsafeRawPointer, _ count: Int) -> CInt {
    let bytes = unsafe [UInt8](fuzzing: start, count: count)
    // The input is the extension: first the kind, then the elements, in whole words.
    let kinds: [[UInt8]] = [[0xBE, 0xDE], [0x10, 0x00], [0x10, 0x0F], [0xAB, 0xCD]]
    let kind = kinds[Int(bytes.first ?? 0) % kinds.count]
    var elements = Array(bytes.dropFirst())
    while elements.count % 4 != 0 { elements.append(0) }
    let words = UInt16(truncatingIfNeeded: elements.count / 4)
    var packet: [UInt8] = [0x90, 96, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1] + kind
    packet += [UInt8(words >> 8), UInt8(words & 0xFF)] + elements
    guard let info = try? RTPPacketInfo(parsing: packet.rawSpan) else { return 0 }
    for id in UInt8(0)...16 {
        guard let range = info.extensionRange(id: id, in: packet.rawSpan) else { continue }
        precondition(range.offset + range.size <= packet.count, "an element outside of the packet")
        read(packet.rawSpan.extracting(range.offset..<range.offset + range.size))
    }
    if let whole = try? RTPPacket(parsing: packet) {
        precondition((try? RTPPacket(parsing: whole.encoded())) != nil, "what was written cannot be read again")
    }
    return 0
}

private func read(_ element: RawSpan) {
    if let value = try? AbsoluteCaptureTime(parsing: element) { _ = value.encoded() }
    if let value = try? AbsoluteSendTime(parsing: element) { _ = value.encoded() }
    if let value = try? AudioLevel(parsing: element) { _ = value.encoded() }
    if let value = try? PlayoutDelay(parsing: element) { _ = value.encoded() }
    if let value = try? StreamIdentification(parsing: element) { _ = value.encoded() }
    if let value = try? TransportSequenceNumber(parsing: element) { _ = value.encoded() }
    if let value = try? VideoOrientation(parsing: element) { _ = value.encoded() }
}
