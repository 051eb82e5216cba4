import LiveKitCore
import LiveKitTestSupport
import Testing

@Suite("TURN credentials as LiveKit makes them")
struct TURNCredentialsTests {
    @Test("Base 62 of random bytes reads back, and has no other character")
    func roundTripsBase62() {
        var random = DeterministicRandom(seed: 1)
        for count in 0..<200 {
            let bytes = (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }
            let text = Base62.encode(bytes)
            #expect(Base62.decode(text) == bytes, "\(bytes)")
            #expect(text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber) })
            #expect(
                Base62.decode(Base62.encode(Array(repeating: 0xFF, count: count)))
                    == Array(repeating: 0xFF, count: count))
            #expect(
                Base62.decode(Base62.encode(Array(repeating: 0, count: count))) == Array(repeating: 0, count: count))
        }
        for text in ["not-base62!!!", " ", "a b", "\u{E9}", "a="] { #expect(Base62.decode(text) == nil) }
    }

    @Test("Base 62 and credentials are LiveKit's, character for character")
    func equalsLiveKit() {
        #expect(Base62.encode(Array("Hello, 世界！".utf8)) == "By77MW55WiL5gwybsxWZIB")
        #expect(Base62.encode([0xFF, 0xFF, 0xFF, 0xFF, 0xFF]) == "ffffffff")
        #expect(Base62.encode([0, 0, 0, 0, 0]) == "AAAAAAA")
        let made = TURNCredentials(
            apiKey: "APITestKey", apiSecret: "TestSecret", participant: "PA_valid", lifetimeSeconds: 300, now: 1_000_000
        )
        #expect(made.username == "wAzMwADMxwHZpxWY29VQQxXeKbJ6mrMqSCqgA")
        #expect(made.password == "A3DEUWBO9cwL61QhGHR72jH8dww129BvmgHYHefe6rTB")
    }

    @Test("The user name says key, participant and expiry; the password follows from the secret")
    func makesCredentials() throws {
        let made = TURNCredentials(
            apiKey: "APITestKey", apiSecret: "TestSecret", participant: "PA_valid", lifetimeSeconds: 300, now: 1_000_000
        )
        let name = try #require(TURNUsername(made.username))
        #expect(name.apiKey == "APITestKey" && name.participant == "PA_valid" && name.expiry == 1_000_300)
        #expect(name.password(secret: "TestSecret") == made.password)
        #expect(name.password(secret: "Other") != made.password)
        #expect(!name.isExpired(now: 1_000_300) && name.isExpired(now: 1_000_301))
    }

    @Test("Lifetimes are positive and at most a day")
    func boundsLifetimes() throws {
        for (asked, granted) in [(0, 300), (-5, 300), (60, 60), (86_400, 86_400), (86_401, 86_400), (.max, 86_400)]
            as [(Int64, Int64)]
        {
            let made = TURNCredentials(apiKey: "k", apiSecret: "s", participant: "p", lifetimeSeconds: asked, now: 7)
            #expect(try #require(TURNUsername(made.username)).expiry == 7 + granted)
        }
    }

    @Test("Names that are none of LiveKit's are none")
    func refusesNames() {
        for text in [
            "k|p", "k|p|0", "k|p|-1", "k|p|x", "k|p|5|5", "|p|5", "k||5", "", "||", "k|p|99999999999999999999",
        ] {
            #expect(TURNUsername(Base62.encode(Array(text.utf8))) == nil, "\(text)")
        }
        #expect(TURNUsername("not-base62!!!") == nil)
        #expect(TURNUsername(String(repeating: "A", count: 100_000)) == nil)
    }
}
