import Crypto
import Foundation
import HTTPTypes
import LiveKitCore
import Testing

@testable import LiveKitServerKit

/// The rows of Docs/Tokens.md, in its order: each is a token as an attacker or a careless back end may make it.
@Suite("Token table, RFC 7515 and 7519")
struct TokenTableTests {
    struct Row: Sendable, CustomTestStringConvertible {
        let name: String
        let isGood: Bool
        let token: String

        var testDescription: String { name }
    }

    private static let now: Int64 = 1_700_000_000
    private static let (key, secret) = ("key", "a secret of more than 32 characters")
    private static let hs256 = #"{"alg":"HS256","typ":"JWT"}"#
    private static let video = #""video":{"room":"r","roomJoin":true}"#

    private static func claims(_ rest: String = "", iss: String = key, exp: Int64 = now + 3600) -> String {
        #"{"iss":"\#(iss)","sub":"me","exp":\#(exp),\#(video)\#(rest.isEmpty ? "" : "," + rest)}"#
    }

    private static func token(
        _ payload: String = claims(), header: String = hs256, secret: String = secret
    ) -> String {
        JSONWebSignature.sign(header: Array(header.utf8), payload: Array(payload.utf8), with: secret)
    }

    private static func signed(_ input: String, _ code: some Sequence<UInt8>) -> String {
        input + "." + Base64URL.encode(Array(code))
    }

    private static func parts(_ token: String) -> [String] { token.split(separator: ".").map(String.init) }

    private static func input(header: String, payload: String = claims()) -> String {
        Base64URL.encode(Array(header.utf8)) + "." + Base64URL.encode(Array(payload.utf8))
    }

    private static func good(_ name: String, _ token: String) -> Row {
        Row(name: name, isGood: true, token: token)
    }

    private static func bad(_ name: String, _ token: String) -> Row {
        Row(name: name, isGood: false, token: token)
    }

    static let rows: [Row] = algorithms + dates + signatures + forms + claimRows

    private static let algorithms: [Row] = {
        let symmetric = SymmetricKey(data: Array(secret.utf8))
        let in384 = input(header: #"{"alg":"HS384"}"#)
        let in512 = input(header: #"{"alg":"HS512"}"#)
        let inNone = input(header: #"{"alg":"none"}"#)
        return [
            good("HS256", token()),
            bad("alg none without a signature", inNone + "."),
            bad("alg none with the right HS256 signature", token(header: #"{"alg":"none"}"#)),
            bad("alg None in another case", token(header: #"{"alg":"nOnE"}"#)),
            bad("HS384", signed(in384, HMAC<SHA384>.authenticationCode(for: Array(in384.utf8), using: symmetric))),
            bad("HS512", signed(in512, HMAC<SHA512>.authenticationCode(for: Array(in512.utf8), using: symmetric))),
            bad("RS256 said, HS256 done", token(header: #"{"alg":"RS256","typ":"JWT"}"#)),
            bad("ES256 said, HS256 done", token(header: #"{"alg":"ES256","typ":"JWT"}"#)),
            bad("hs256 in small letters", token(header: #"{"alg":"hs256"}"#)),
            bad("no alg", token(header: #"{"typ":"JWT"}"#)),
            bad("alg that is a number", token(header: #"{"alg":256}"#)),
            bad("alg named twice", token(header: #"{"alg":"none","alg":"HS256"}"#)),
        ]
    }()

    private static let dates: [Row] = [
        good("expired within the leeway of a minute", token(claims(exp: now - 30))),
        bad("expired beyond it", token(claims(exp: now - 61))),
        bad("no exp", token(#"{"iss":"key","sub":"me",\#(video)}"#)),
        bad("exp that is a text", token(#"{"iss":"key","sub":"me","exp":"\#(now + 3600)",\#(video)}"#)),
        bad("exp beyond all numbers", token(#"{"iss":"key","sub":"me","exp":1e400,\#(video)}"#)),
        bad("exp below zero", token(claims(exp: -1))),
        good("nbf in the near future", token(claims(#""nbf":\#(now + 30)"#))),
        bad("nbf in the future", token(claims(#""nbf":\#(now + 3600)"#))),
    ]

    private static let signatures: [Row] = {
        let whole = parts(token())
        let other = parts(token(claims(#""name":"x""#)))
        return [
            bad("the wrong secret", token(secret: "another secret of more than 32 characters")),
            bad("an empty secret", token(secret: "")),
            bad("a key that does not exist", token(claims(iss: "other"))),
            bad("no key", token(#"{"sub":"me","exp":\#(now + 3600),\#(video)}"#)),
            bad("the signature of another token", "\(whole[0]).\(other[1]).\(whole[2])"),
            bad("no signature", "\(whole[0]).\(whole[1])."),
            bad("a signature cut short", "\(whole[0]).\(whole[1]).\(whole[2].prefix(20))"),
            good("kid that names another key", token(header: #"{"alg":"HS256","kid":"../../dev/null"}"#)),
            good("jku and jwk in the header", token(header: #"{"alg":"HS256","jku":"http://x","jwk":{"k":"AA"}}"#)),
            bad("a critical extension", token(header: #"{"alg":"HS256","crit":["exp"]}"#)),
        ]
    }()

    private static let forms: [Row] = {
        let whole = parts(token())
        return [
            bad("a fourth part", token() + ".x"),
            bad("two parts", "\(whole[0]).\(whole[1])"),
            bad("padding behind a part", "\(whole[0]).\(whole[1])=.\(whole[2])"),
            bad("white space around it", " " + token() + " "),
            bad("more than 8 KiB", token(claims(#""metadata":"\#(String(repeating: "m", count: 9000))""#))),
            bad("a claim named twice", token(claims(#""sub":"admin""#))),
            bad("a payload that is no JSON", token("{nope")),
            bad("a payload that is a list", token("[]")),
        ]
    }()

    private static let claimRows: [Row] = [
        good(
            "an identity in any script",
            token(#"{"iss":"key","sub":"\u00e9\ud83d\ude00","exp":\#(now + 3600),\#(video)}"#)),
        bad("a video grant that is a text", token(#"{"iss":"key","sub":"me","exp":\#(now + 3600),"video":"all"}"#)),
    ]

    @Test("There are forty rows, each with a name of its own")
    func isComplete() {
        #expect(Self.rows.count == 40 && Set(Self.rows.map(\.name)).count == 40)
    }

    @Test("Each token is judged as the table says", arguments: rows)
    func judges(_ row: Row) {
        let now = Self.now
        let clock = ServerClock(now: { .start }, unixMilliseconds: { now * 1000 })
        let authenticator = RequestAuthenticator(keys: [Self.key: Self.secret, "second": "x"], clock: clock)
        for (header, query) in [("Bearer \(row.token)", nil), (nil, row.token)] {
            do throws(HTTPFailure) {
                let claims = try authenticator.claims(authorization: header, accessToken: query)
                #expect(row.isGood && claims?.issuer == Self.key, "taken")
            } catch {
                #expect(!row.isGood && error.status == .unauthorized, "refused: \(error.message)")
                #expect(!error.message.contains(row.token) && !error.message.contains(Self.secret))
            }
        }
    }

    @Test("Docs/Tokens.md has the rows, in this order")
    func isDocumented() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../..")
        let document = try String(contentsOf: root.appending(path: "Docs/Tokens.md"), encoding: .utf8)
        let documented = document.split(separator: "\n").compactMap { line -> String? in
            let cells = line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
            guard cells.count >= 3, Int(cells[0]) != nil else { return nil }
            return "\(cells[1]): \(cells[2])"
        }
        #expect(documented == Self.rows.map { "\($0.name): \($0.isGood ? "taken" : "refused")" })
    }
}
