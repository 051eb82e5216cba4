import LiveKitProtobuf
import Testing

@testable import LiveKitServerKit

@Suite("Clients: what they can do and are kept from")
struct ClientInfoTests {
    struct Client: Sendable, CustomTestStringConvertible {
        let name: String
        let info: Livekit_ClientInfo
        /// What it lacks of: reconnect, responses, reuse, lite, hidden, tcp.
        let lacks: Set<String>

        init(_ name: String, lacks: Set<String> = [], _ change: (inout Livekit_ClientInfo) -> Void) {
            self.name = name
            self.lacks = lacks
            var info = Livekit_ClientInfo()
            info.protocol = 16
            change(&info)
            self.info = info
        }

        var testDescription: String { name }
    }

    static let clients = [
        Client("JavaScript 1.6.2", lacks: ["reconnect"]) { ($0.sdk, $0.version) = (.js, "1.6.2") },
        Client("JavaScript 1.6.3") { ($0.sdk, $0.version) = (.js, "1.6.3") },
        Client("JavaScript 2 beta") { ($0.sdk, $0.version) = (.js, "2-beta") },
        Client("an old Swift SDK", lacks: ["tcp"]) { ($0.sdk, $0.version) = (.swift, "1.0.4") },
        Client("Swift 1.0.5") { ($0.sdk, $0.version) = (.swift, "1.0.5") },
        Client("Go", lacks: ["tcp"]) { ($0.sdk, $0.version) = (.go, "2.4.0") },
        Client("Rust, protocol 9", lacks: ["responses"]) { ($0.sdk, $0.protocol) = (.rust, 9) },
        Client("Rust, protocol 10") { ($0.sdk, $0.protocol) = (.rust, 10) },
        Client("Safari", lacks: ["reuse"]) { ($0.sdk, $0.version, $0.browser) = (.js, "2.15.0", "Safari") },
        Client("Firefox", lacks: ["lite", "hidden"]) { $0.browser = "Firefox" },
        Client("Firefox on a telephone", lacks: ["lite", "hidden"]) { $0.browser = "firefox mobile" },
        Client("protocol 3", lacks: ["reuse", "lite"]) { $0.protocol = 3 },
        Client("protocol 5", lacks: ["lite"]) { $0.protocol = 5 },
        Client("one that says nothing of itself") { _ in },
    ]

    @Test("Each kind has its exceptions", arguments: clients)
    func abilities(_ client: Client) {
        let abilities = [
            "reconnect": client.info.handlesReconnectResponse, "responses": client.info.decodesLaterResponses,
            "reuse": client.info.reusesTransceivers, "lite": client.info.takesICELite,
            "hidden": client.info.findsHiddenAddresses, "tcp": client.info.dialsICETCP,
        ]
        #expect(Set(abilities.filter { !$0.value }.keys) == client.lacks)
    }

    @Test(
        "Codecs that a browser or device is bad at are disabled",
        arguments: [
            (Client("Safari 17") { ($0.browser, $0.browserVersion) = ("Safari", "17.6") }, ["AV1"], [String]()),
            (Client("Safari 18.3") { ($0.browser, $0.browserVersion) = ("Safari", "18.3") }, ["AV1"], []),
            (Client("Safari 18.10") { ($0.browser, $0.browserVersion) = ("Safari", "18.10") }, ["AV1"], ["VP9"]),
            (Client("Firefox, Linux") { ($0.browser, $0.os) = ("firefox", "Linux") }, [], ["H264"]),
            (Client("Firefox, Windows") { ($0.browser, $0.os) = ("firefox", "windows") }, [], []),
            (Client("a Xiaomi") { ($0.deviceModel, $0.os) = ("Xiaomi 2201117TI", "android") }, [], ["H264"]),
            (Client("Chrome") { ($0.browser, $0.os) = ("chrome", "linux") }, [], []),
        ])
    func codecs(_ client: Client, _ all: [String], _ publish: [String]) throws {
        let disabled = client.info.disabledCodecs
        #expect(disabled.codecs.map(\.mime) == all.map { "video/\($0)" })
        #expect(disabled.publish.map(\.mime) == publish.map { "video/\($0)" })
        var room = RoomHarness { room in
            room.enabledCodecs = ["audio/opus", "video/AV1", "video/rtx", "video/VP9", "video/H264", "video/VP8"].map {
                mime in
                var codec = Livekit_Codec()
                codec.mime = mime
                return codec
            }
        }
        let sid = try room.join("alice") { $0.client = client.info }
        guard case .join(let join) = room.signals(to: sid).first else {
            Issue.record("no join")
            return
        }
        #expect(join.clientConfiguration.disabledCodecs == disabled)
        let order = ["video/VP8", "video/H264", "video/AV1", "video/VP9", "audio/opus"]
        #expect(
            join.enabledPublishCodecs.map(\.mime) == order.filter { !(all + publish).contains(String($0.dropFirst(6))) }
        )
    }

    @Test("What a client cannot do the media half is told")
    func mediaOptions() throws {
        var room = RoomHarness()
        let plain = try room.join("plain")
        let firefox = try room.join("firefox") { $0.client.browser = "Firefox" }
        let safari = try room.join("safari") { $0.client.browser = "safari" }
        func options(_ sid: ParticipantSID) -> ParticipantMediaOptions? {
            for case .addParticipant(sid, let options) in room.media { return options }
            return nil
        }
        var expected = ParticipantMediaOptions(offersSubscriberAtOnce: true)
        expected.serverFrameTrailer = room.state.serverFrameTrailer
        #expect(options(plain) == expected)
        #expect(options(firefox)?.offersHiddenAddresses == false && options(firefox)?.allowsICELite == false)
        #expect(options(safari)?.reusesTransceivers == false && options(safari)?.offersHiddenAddresses == true)
    }
}
