import LiveKitCore
import LiveKitRTC
import Testing

@testable import LiveKitClient

@Suite("RTP headers of what we send, RFC 3550 and RFC 8285")
struct PacketTemplateTests {
    private func header(_ template: PacketTemplate, level: UInt8? = nil) throws -> (RTPHeader, Int) {
        let fields = PacketTemplate.Fields(
            payloadType: 96, marker: true, sequenceNumber: SequenceNumber(rawValue: 7), timestamp: 1234,
            ssrc: SSRC(rawValue: 99), audioLevel: level)
        var bytes = [UInt8](repeating: 0xEE, count: 200)
        let size = unsafe bytes.withUnsafeMutableBytes { unsafe template.write(fields, to: $0) }
        return (try RTPHeader(parsing: Array(bytes[..<size])), size)
    }

    private var ids: PacketTemplate.ExtensionIDs {
        PacketTemplate.ExtensionIDs([
            HeaderExtensionMapping(id: 1, uri: RTPHeaderExtensionURI.mediaIdentification),
            HeaderExtensionMapping(id: 2, uri: RTPHeaderExtensionURI.streamIdentifier),
            HeaderExtensionMapping(id: 3, uri: RTPHeaderExtensionURI.repairedStreamIdentifier),
            HeaderExtensionMapping(id: 4, uri: RTPHeaderExtensionURI.audioLevel),
            HeaderExtensionMapping(id: 5, uri: RTPHeaderExtensionURI.absoluteSendTime),
            HeaderExtensionMapping(id: 6, uri: RTPHeaderExtensionURI.transportSequenceNumber),
        ])
    }

    @Test("All that was agreed is written and read back")
    func allExtensions() throws {
        let (header, size) = try header(PacketTemplate(ids: ids, mid: "0", rid: "q"), level: 0x85)
        #expect(size % 4 == 0)
        #expect(header.payloadType == 96 && header.marker && header.timestamp == 1234)
        #expect(header.sequenceNumber.rawValue == 7 && header.ssrc.rawValue == 99)
        #expect(header.extensionValue(id: 1) == Array("0".utf8))
        #expect(header.extensionValue(id: 2) == Array("q".utf8))
        #expect(header.extensionValue(id: 3) == nil)
        #expect(header.extensionValue(id: 4) == [0x85])
        // Written when the packet leaves.
        #expect(header.extensionValue(id: 5) == [0, 0, 0])
        #expect(header.extensionValue(id: 6) == [0, 0])
    }

    @Test("A repair names the layer that it repairs")
    func repairs() throws {
        let (header, _) = try header(PacketTemplate(ids: ids, mid: "0", rid: "q", isRepair: true))
        #expect(header.extensionValue(id: 2) == nil)
        #expect(header.extensionValue(id: 3) == Array("q".utf8))
    }

    @Test("Without extensions the header has twelve bytes")
    func plain() throws {
        let (header, size) = try header(PacketTemplate(ids: .init(), mid: "0", rid: nil))
        #expect(size == 12)
        #expect(header.extensions.isEmpty)
    }

    @Test("An id above fourteen is left out")
    func highIDs() throws {
        let high = PacketTemplate.ExtensionIDs([
            HeaderExtensionMapping(id: 15, uri: RTPHeaderExtensionURI.mediaIdentification)
        ])
        let (_, size) = try header(PacketTemplate(ids: high, mid: "0", rid: nil))
        #expect(size == 12)
    }
}
