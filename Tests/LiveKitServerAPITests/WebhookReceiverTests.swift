import Foundation
import LiveKitCore
import LiveKitServerAPI
import Testing

@Suite("Receiving webhooks")
struct WebhookReceiverTests {
    private let now = NumericDate(secondsSinceEpoch: 1_700_000_000)
    private let receiver = WebhookReceiver(apiKey: "key", apiSecret: "secret")
    private let body = Array(#"{"event":"room_started","room":{"name":"kitchen"},"fromTheFuture":{"x":1}}"#.utf8)

    private func token(secret: String = "secret", for message: [UInt8]) throws -> String {
        var token = AccessToken(apiKey: "key", apiSecret: secret)
        token.sha256 = MessageDigest.sha256(message)
        token.timeToLive = .seconds(300)
        return try token.jwt(now: now)
    }

    @Test("A signed event is read, with or without Bearer, and what is unknown in it is ignored")
    func genuine() throws {
        let token = try token(for: body)
        for authorization in [token, "Bearer \(token)"] {
            let event = try receiver.receive(body, authorization: authorization, now: now)
            #expect(event.event == "room_started" && event.room.name == "kitchen")
        }
    }

    @Test("What the server did not sign is not believed")
    func forged() throws {
        let good = try token(for: body)
        let later = now.advanced(bySeconds: 3600)
        let cases: [([UInt8], String?, NumericDate, WebhookError.Code)] = [
            (body, nil, now, .missingAuthorization), (body, "", now, .missingAuthorization),
            (body, "nonsense", now, .invalidToken), (body, good, later, .invalidToken),
            (body, try token(secret: "other", for: body), now, .invalidToken),
            (body + [32], good, now, .wrongDigest),
        ]
        for (body, authorization, now, code) in cases {
            let error = #expect(throws: WebhookError.self) {
                try receiver.receive(body, authorization: authorization, now: now)
            }
            #expect(error?.code == code)
        }
        let nonsense = Array("[]".utf8)
        let malformed = #expect(throws: WebhookError.self) {
            try receiver.receive(nonsense, authorization: try token(for: nonsense), now: now)
        }
        #expect(malformed?.code == .malformed)
    }

    @Test("Behind something that has checked it, it is read without")
    func unchecked() throws {
        #expect(try WebhookReceiver.read(body).room.name == "kitchen")
        let malformed = #expect(throws: WebhookError.self) { try WebhookReceiver.read(Array("{".utf8)) }
        #expect(malformed?.code == .malformed)
    }

    @Test("Keys may stand in a file")
    func keyFile() throws {
        let file = try APIKeyFile(parsing: "# ours\nother: x\n\"key\": 'secret' # of the server\n")
        #expect(file.secrets == ["other": "x", "key": "secret"] && !"\(file)".contains("secret"))
        #expect(try APIKeyFile(parsing: "a: b\r\nc: d\r\n").secrets == ["a": "b", "c": "d"])
        let token = try token(for: body)
        #expect(try WebhookReceiver(keys: file).receive(body, authorization: token, now: now).event == "room_started")
        #expect(try TokenVerifier(keys: file).verify(token, now: now).issuer == "key")
        let path = FileManager.default.temporaryDirectory.appending(path: "keys-\(UUID().uuidString)").path()
        defer { try? FileManager.default.removeItem(atPath: path) }
        try Data("key: secret\n".utf8).write(to: URL(filePath: path))
        #expect(try APIKeyFile(path: path).secrets == ["key": "secret"])
    }

    @Test(
        "What is no file of keys is refused, without showing it",
        arguments: ["", "# nothing", "key:secret", "key: ", ": secret", "a: b\na: c", "- hidden"])
    func noKeyFile(_ text: String) {
        let error = #expect(throws: ServerError.self) { try APIKeyFile(parsing: text) }
        #expect(error?.code == .invalidArgument && error?.message.contains("hidden") == false)
        #expect(throws: ServerError.self) { try APIKeyFile(path: "/nowhere") }
    }

    @Test("The digest is SHA-256 in base64 with its padding (FIPS 180-4's vector)")
    func digest() {
        #expect(MessageDigest.sha256(Array("abc".utf8)) == "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=")
    }
}
