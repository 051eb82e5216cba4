import Foundation
import LiveKitCore
import LiveKitTestSupport
import Testing

@Suite("RTCP compound and reduced-size packets, RFC 3550 and RFC 5506")
struct RTCPCompoundTests {
    @Test func everyKindInOneDatagramSurvivesARoundTrip() {
        let sent = RTCPCompound(RTCPSample.all.map(\.packet))
        let read = RTCPCompound(parsing: sent.encoded())
        #expect(read == sent)
        #expect(read.failure == nil)
    }

    @Test("A broken packet ends the compound, and what came before it counts")
    func brokenPacket() {
        var bytes = RTCPCompound(RTCPSample.all.map(\.packet)).encoded()
        let first = RTCPSample.all[0].bytes.count
        bytes[first] = 0x9F  // 31 report blocks that are not there.
        let read = RTCPCompound(parsing: bytes)
        #expect(read.packets == [RTCPSample.all[0].packet])
        #expect(read.failure == .invalid(.count))
    }

    @Test("Truncation anywhere keeps whole packets only")
    func truncation() {
        let bytes = RTCPCompound(RTCPSample.all.map(\.packet)).encoded()
        var ends: Set<Int> = []
        var end = 0
        for sample in RTCPSample.all {
            end += sample.bytes.count
            ends.insert(end)
        }
        for length in 0..<bytes.count {
            let read = RTCPCompound(parsing: Array(bytes.prefix(length)))
            #expect((read.failure == nil) == ends.contains(length))
            #expect(read.packets.count == ends.filter { $0 <= length }.count)
        }
    }
}

@Suite("RTCP corpora", .enabled(if: TestData.root != nil, "the corpora are not here"))
struct RTCPCorpusTests {
    @Test func capturedPacketsReadAsTheirNamesSay() throws {
        for file in TestData.files(in: "aiortc-bsd3", suffix: ".bin") where file.lastPathComponent.hasPrefix("rtcp") {
            let name = file.lastPathComponent
            let read = RTCPCompound(parsing: try TestData.bytes(of: file))
            // A goodbye that announces 17 sources and holds one, and feedback without its sources, are the invalid ones.
            let isBroken = name.contains("invalid") || name.contains("truncated")
            #expect((read.failure != nil) == isBroken, "\(name)")
            #expect(read.packets.count == (isBroken ? 0 : 1), "\(name)")
        }
    }

    @Test func seedsNeverTrap() throws {
        let files = TestData.files(in: "webrtc-bsd3/rtcp-corpus")
        #expect(files.count > 60)
        for file in files {
            let bytes = try TestData.bytes(of: file)
            for length in 0...bytes.count {
                let read = RTCPCompound(parsing: Array(bytes.prefix(length)))
                _ = read.encoded()
            }
        }
    }
}
