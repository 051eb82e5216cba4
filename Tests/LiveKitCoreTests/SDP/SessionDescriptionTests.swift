import Foundation
import LiveKitCore
import LiveKitTestSupport
import Testing

@Suite("Session description, RFC 8866")
struct SessionDescriptionTests {
    static let example = """
        v=0
        o=jdoe 3724394400 3724394405 IN IP4 198.51.100.1
        s=Call to John Smith
        i=SDP Offer #1
        u=http://www.jdoe.example.com/home.html
        e=Jane Doe <jane@jdoe.example.com>
        p=+1 617 555-6011
        c=IN IP4 198.51.100.1
        t=0 0
        r=7d 1h 0 25h
        a=group:BUNDLE a v
        m=audio 49170/2 RTP/AVP 0
        m=video 9 UDP/TLS/RTP/SAVPF 99 100
        i=camera
        c=IN IP6 2001:db8::2
        b=AS:512
        a=rtpmap:99 h263-1998/90000
        a=mid:v
        a=recvonly

        """

    @Test("The RFC's example is read field by field")
    func readsTheExample() throws {
        let description = try SessionDescription(parsing: Self.example)
        #expect(description.origin.sessionID == 3_724_394_400)
        #expect(description.sessionName == "Call to John Smith")
        #expect(description.timing.first?.repeats == ["7d 1h 0 25h"])
        #expect(description.connection?.address == "198.51.100.1")
        let (audio, video) = (description.media[0], description.media[1])
        #expect(audio.portCount == 2)
        #expect(video.formats == ["99", "100"])
        #expect(video.bandwidths == [Bandwidth(type: "AS", value: 512)])
        #expect(video.attributes.mid == "v")
        #expect(video.attributes.direction == .recvonly)
        #expect(try description.encoded() == Self.example.replacing("\n", with: "\r\n"))
    }

    @Test("CRLF and LF read alike")
    func readsBothLineEnds() throws {
        let unix = try SessionDescription(parsing: Self.example)
        #expect(try SessionDescription(parsing: Self.example.replacing("\n", with: "\r\n")) == unix)
    }

    @Test("Every truncation either reads or throws, and what reads is written back equal")
    func survivesTruncation() throws {
        let bytes = Array(Self.example.utf8)
        for length in bytes.indices {
            guard let description = try? SessionDescription(parsing: Array(bytes[..<length])) else { continue }
            #expect(try SessionDescription(parsing: try description.encoded()) == description)
        }
        #expect(throws: SDPError.self) { try SessionDescription(parsing: Array(bytes[..<40])) }
    }

    @Test("Random bytes and random edits of a real text never trap, and what reads is written back equal")
    func survivesNoise() throws {
        var random = DeterministicRandom(seed: 8866)
        let alphabet = Array("vosmcbatrzk=:/;, \r\n019ax\u{301}\u{0}".utf8)
        for round in 0..<3_000 {
            var bytes = Array(Self.example.utf8)
            if round.isMultiple(of: 2) {
                for _ in 0..<4 {
                    let index = Int.random(in: bytes.indices, using: &random)
                    bytes[index] = alphabet[Int.random(in: alphabet.indices, using: &random)]
                }
            } else {
                bytes = (0..<Int.random(in: 0..<200, using: &random)).map { _ in
                    UInt8(truncatingIfNeeded: random.next())
                }
            }
            guard let description = try? SessionDescription(parsing: bytes) else { continue }
            #expect(try SessionDescription(parsing: try description.encoded()) == description)
        }
    }

    @Test(
        "What RFC 8866 forbids is refused",
        arguments: [
            "", "v=1\no=- 1 1 IN IP4 h\ns=-\n", "o=- 1 1 IN IP4 h\nv=0\ns=-\n", "v=0\ns=-\n", "v=0\no=- 1 1 IN IP4 h\n",
            "v=0\no=- x 1 IN IP4 h\ns=-\n", "v=0\no=- 1 1 IN IP4 h\ns=-\nx=1\n",
            "v=0\no=- 1 1 IN IP4 h\ns=-\nm=audio 70000 X 0\n",
            "v=0\no=- 1 1 IN IP4 h\ns=-\nm=audio 9\n", "v=0\no=- 1 1 IN IP4 h\ns=-\nm=audio 9 X 0\ns=-\n",
            "v=0\no=- 1 1 IN IP4 h\ns=-\na=:x\n", "v=0\no=- 1 1 IN IP4 h\ns=a\u{0}b\n",
            "v=0\no=- 1 1 IN IP4 h\ns=a\rb\n",
            "v=0\nv=0\no=- 1 1 IN IP4 h\ns=-\n", "v=0\no=- 1 1 IN IP4 h\ns=-\nr=1\n",
        ])
    func refuses(text: String) {
        #expect(throws: SDPError.self) { try SessionDescription(parsing: text) }
    }

    @Test("An error names its line")
    func namesTheLine() {
        let error = #expect(throws: SDPError.self) {
            try SessionDescription(parsing: "v=0\no=- 1 1 IN IP4 h\ns=-\nnonsense\n")
        }
        #expect(error?.line == 4)
        #expect(error?.reason == .unknownLine)
    }

    @Test("More than 10,000 lines or 256 KiB are refused")
    func refusesTheHuge() {
        let head = "v=0\no=- 1 1 IN IP4 h\ns=-\n"
        for text in [
            head + String(repeating: "a=x\n", count: 10_000), head + "a=" + String(repeating: "x", count: 262_144),
        ] {
            let error = #expect(throws: SDPError.self) { try SessionDescription(parsing: text) }
            #expect(error?.reason == .tooLarge)
        }
    }

    @Test("The writer refuses what would become another line or another field")
    func writerRefusesInjection() throws {
        let origin = SessionDescription.Origin(sessionID: 1, sessionVersion: 1)
        var injected = SessionDescription(origin: origin)
        injected.attributes.append("mid", "0\r\na=fingerprint:sha-256 00")
        #expect(throws: SDPError.self) { try injected.encoded() }

        var named = SessionDescription(origin: origin)
        named.attributes.append("a:b", "c")
        #expect(throws: SDPError.self) { try named.encoded() }

        let spaced = MediaDescription(media: "audio", transportProtocol: "RTP/AVP", formats: ["0 8"])
        #expect(throws: SDPError.self) { try SessionDescription(origin: origin, media: [spaced]).encoded() }
    }

    @Test(
        "The corpora's descriptions are read and written back equal", .enabled(if: TestData.root != nil, "no corpora"))
    func readsTheCorpora() throws {
        let incomplete: Set = ["unittest-3.sdp", "unittest-6.sdp", "unittest-7.sdp", "invalid.sdp"]
        let files = ["webrtc-bsd3/sdp-corpus", "sdp-transform-mit"].flatMap { TestData.files(in: $0, suffix: ".sdp") }
        #expect(files.count > 80)
        for file in files {
            let bytes = try TestData.bytes(of: file)
            if incomplete.contains(file.lastPathComponent) {
                #expect(throws: SDPError.self, "\(file.lastPathComponent)") { try SessionDescription(parsing: bytes) }
                continue
            }
            let description = try SessionDescription(parsing: bytes)
            let text = try description.encoded()
            #expect(try SessionDescription(parsing: text) == description, "\(file.lastPathComponent)")
        }
    }
}
