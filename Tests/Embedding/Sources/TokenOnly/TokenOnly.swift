import LiveKitCore

/// Makes and checks a token and reads an RTP packet, with nothing but the values.
@main
struct TokenOnly {
    static func main() throws {
        let now = NumericDate(secondsSinceEpoch: 1_700_000_000)
        var token = AccessToken(apiKey: "devkey", apiSecret: "secret", identity: "alice")
        token.video = VideoGrant(room: "kitchen", roomJoin: true)
        let text = try token.jwt(now: now)
        let claims = try TokenVerifier(secrets: ["devkey": "secret"]).verify(text, now: now)
        precondition(claims.identity == "alice", "the token names somebody else")

        let bytes: [UInt8] = [0x80, 0xE0, 0x12, 0x34, 0, 0, 0, 1, 0, 0, 0, 2, 0xAB]
        let packet = try RTPPacket(parsing: bytes)
        precondition(packet.header.sequenceNumber.rawValue == 0x1234, "the packet has another number")
        precondition(packet.payload == [0xAB], "the packet has another payload")
        print("TokenOnly: a token of \(text.utf8.count) bytes and an RTP packet are right.")
    }
}
