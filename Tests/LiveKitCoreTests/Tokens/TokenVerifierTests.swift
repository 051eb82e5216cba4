import LiveKitCore
import Testing

@Suite("TokenVerifier, RFC 7519")
struct TokenVerifierTests {
    typealias Sample = (name: String, token: String, refusal: TokenError.Code?)

    /// Unsound text: what is not a signed token at all.
    static let unsound: [Sample] = [
        ("nothing", "", .malformed),
        ("one part", "abc", .malformed),
        ("two parts", "e30.e30", .malformed),
        ("four parts", TokenSamples.join + ".e30", .malformed),
        ("five parts, an encrypted token", "e30.e30.e30.e30.e30", .malformed),
        ("dots", "..", .malformed),
        ("the scheme of the header", "Bearer " + TokenSamples.join, .malformed),
        ("a line break", TokenSamples.join + "\n", .malformed),
        ("padding", TokenSamples.join + "=", .malformed),
        ("too long by one byte", String(repeating: "a", count: 8193), .tooLarge),
        ("as long as allowed", String(repeating: "a", count: 8192), .malformed),
        ("a header that is not JSON", TokenSamples.token("{}", header: "HS256"), .malformed),
        ("a header that is an array", TokenSamples.token("{}", header: "[]"), .malformed),
        ("a payload that is not JSON", TokenSamples.token("x"), .malformed),
        ("a payload that is an array", TokenSamples.token("[]"), .malformed),
        ("a payload that is a string", TokenSamples.token(#""{}""#), .malformed),
        ("an empty payload", TokenSamples.token(""), .malformed),
        ("a truncated payload", TokenSamples.token(#"{"iss":"APIexampleKey","exp":17"#), .malformed),
        ("text behind the payload", TokenSamples.token(#"{"iss":"APIexampleKey","exp":1700000100}x"#), .malformed),
        (
            "a payload that is not UTF-8",
            JSONWebSignature.sign(
                header: Array(#"{"alg":"HS256"}"#.utf8),
                payload: Array(#"{"iss":"APIexampleKey","exp":1700000100,"name":""#.utf8) + [0xC3, 0x28]
                    + Array(#""}"#.utf8), with: TokenSamples.secret), .malformed
        ),
        ("half a surrogate pair", TokenSamples.valid(adding: #""name":"\ud83d""#), .malformed),
        ("a claim twice", TokenSamples.valid(adding: #""sub":"alice","sub":"mallory""#), .malformed),
        ("a claim twice, once escaped", TokenSamples.valid(adding: #""sub":"alice","s\u0075b":"mallory""#), .malformed),
        ("the expiry twice", TokenSamples.valid(adding: #""exp":1900000000"#), .malformed),
        ("a grant twice", TokenSamples.valid(adding: #""video":{"room":"a","room":"b"}"#), .malformed),
        ("the algorithm twice", TokenSamples.token("{}", header: #"{"alg":"HS256","alg":"HS256"}"#), .malformed),
        (
            "deep nesting",
            TokenSamples.valid(
                adding: #""a":"# + String(repeating: "[", count: 2000) + String(repeating: "]", count: 2000)),
            .malformed
        ),
    ]

    /// Sound text that is signed wrongly or in another way.
    static let unsigned: [Sample] = [
        ("no algorithm", TokenSamples.token("{}", header: "{}"), .unsupportedAlgorithm),
        ("alg none", TokenSamples.token("{}", header: #"{"alg":"none"}"#), .unsupportedAlgorithm),
        ("alg none, unsigned", "eyJhbGciOiJub25lIn0.e30.", .unsupportedAlgorithm),
        ("alg HS384", TokenSamples.token("{}", header: #"{"alg":"HS384"}"#), .unsupportedAlgorithm),
        ("alg HS512", TokenSamples.token("{}", header: #"{"alg":"HS512"}"#), .unsupportedAlgorithm),
        ("alg RS256", TokenSamples.token("{}", header: #"{"alg":"RS256"}"#), .unsupportedAlgorithm),
        ("alg in lower case", TokenSamples.token("{}", header: #"{"alg":"hs256"}"#), .unsupportedAlgorithm),
        ("alg as a list", TokenSamples.token("{}", header: #"{"alg":["HS256"]}"#), .unsupportedAlgorithm),
        (
            "a critical extension", TokenSamples.token("{}", header: #"{"alg":"HS256","crit":["b64"]}"#),
            .unsupportedAlgorithm
        ),
        ("no issuer", TokenSamples.token(#"{"exp":1700000100}"#), .unknownIssuer),
        ("an unknown issuer", TokenSamples.token(#"{"iss":"other","exp":1700000100}"#), .unknownIssuer),
        ("an issuer that is a number", TokenSamples.token(#"{"iss":5,"exp":1700000100}"#), .invalidClaim),
        (
            "an issuer with an empty secret",
            TokenSamples.token(#"{"iss":"empty","exp":1700000100}"#, secret: ""), .emptySecret
        ),
        (
            "another secret", TokenSamples.token(#"{"iss":"APIexampleKey","exp":1700000100}"#, secret: "other"),
            .invalidSignature
        ),
        (
            "another key's secret", TokenSamples.token(#"{"iss":"APIexampleKey","exp":1700000100}"#, secret: "s"),
            .invalidSignature
        ),
        ("no signature", String(TokenSamples.join.dropLast(43)), .invalidSignature),
        ("half a signature", String(TokenSamples.join.dropLast(23)), .invalidSignature),
        (
            "a wrong secret before a wrong expiry",
            TokenSamples.token(#"{"iss":"APIexampleKey","exp":1}"#, secret: "other"), .invalidSignature
        ),
    ]

    /// Rightly signed, with claims that are refused.
    static let refused: [Sample] = [
        ("no expiry", TokenSamples.token(#"{"iss":"APIexampleKey"}"#), .missingExpiry),
        ("an expiry of null", TokenSamples.token(#"{"iss":"APIexampleKey","exp":null}"#), .missingExpiry),
        ("an expiry as text", TokenSamples.token(#"{"iss":"APIexampleKey","exp":"1700000100"}"#), .invalidClaim),
        ("a negative expiry", TokenSamples.token(#"{"iss":"APIexampleKey","exp":-1}"#), .invalidClaim),
        ("an expiry beyond all time", TokenSamples.token(#"{"iss":"APIexampleKey","exp":1e300}"#), .invalidClaim),
        ("an expiry that is no number", TokenSamples.token(#"{"iss":"APIexampleKey","exp":NaN}"#), .malformed),
        ("an expiry a leeway ago", TokenSamples.token(#"{"iss":"APIexampleKey","exp":1699999940}"#), .expired),
        ("an expiry long ago", TokenSamples.token(#"{"iss":"APIexampleKey","exp":1}"#), .expired),
        ("a start beyond the leeway", TokenSamples.valid(adding: #""nbf":1700000061"#), .notYetValid),
        ("a start as text", TokenSamples.valid(adding: #""nbf":"1""#), .invalidClaim),
        ("an identity that is a number", TokenSamples.valid(adding: #""sub":7"#), .invalidClaim),
        ("attributes that are numbers", TokenSamples.valid(adding: #""attributes":{"a":1}"#), .invalidClaim),
        ("attributes as a list", TokenSamples.valid(adding: #""attributes":["a"]"#), .invalidClaim),
        ("a grant as text", TokenSamples.valid(adding: #""video":"all""#), .invalidClaim),
        ("a permission as text", TokenSamples.valid(adding: #""video":{"roomJoin":"true"}"#), .invalidClaim),
        ("a permission as a number", TokenSamples.valid(adding: #""video":{"roomAdmin":1}"#), .invalidClaim),
        ("sources as text", TokenSamples.valid(adding: #""video":{"canPublishSources":"camera"}"#), .invalidClaim),
        ("a room configuration as text", TokenSamples.valid(adding: #""roomConfig":"big""#), .invalidClaim),
        ("a bad room configuration", TokenSamples.valid(adding: #""roomConfig":{"emptyTimeout":-5}"#), .invalidClaim),
    ]

    /// Tokens that are accepted.
    static let accepted: [Sample] = [
        ("another implementation's join token", TokenSamples.join, nil),
        ("another implementation's admin token", TokenSamples.admin, nil),
        ("another implementation's full token", TokenSamples.everything, nil),
        ("nothing but an expiry", TokenSamples.token(#"{"iss":"APIexampleKey","exp":1700000100}"#), nil),
        (
            "white space in the JSON", TokenSamples.token("\t{ \"iss\" : \"APIexampleKey\",\n\"exp\" : 1700000100 } "),
            nil
        ),
        ("an expiry with a fraction", TokenSamples.token(#"{"iss":"APIexampleKey","exp":1700000100.75}"#), nil),
        ("an expiry with an exponent", TokenSamples.token(#"{"iss":"APIexampleKey","exp":1.7000001e9}"#), nil),
        ("an expiry within the leeway", TokenSamples.token(#"{"iss":"APIexampleKey","exp":1699999941}"#), nil),
        ("a start within the leeway", TokenSamples.valid(adding: #""nbf":1700000060"#), nil),
        ("a secret of one byte", TokenSamples.token(#"{"iss":"short","exp":1700000100}"#, secret: "s"), nil),
        (
            "a key identifier of its own, which is ignored",
            TokenSamples.token(
                #"{"iss":"APIexampleKey","exp":1700000100}"#, header: #"{"alg":"HS256","kid":"other","jku":"http://a"}"#
            ),
            nil
        ),
        (
            "unknown claims and grants", TokenSamples.valid(adding: #""aud":["x"],"agentThread":{"all":true},"x":[1]"#),
            nil
        ),
        ("claims of null", TokenSamples.valid(adding: #""sub":null,"video":null,"attributes":null,"nbf":null"#), nil),
        (
            "unknown members of the room configuration", TokenSamples.valid(adding: #""roomConfig":{"colour":"red"}"#),
            nil
        ),
    ]

    @Test("Every token of the table is judged rightly", arguments: [unsound, unsigned, refused, accepted])
    func table(samples: [Sample]) {
        for sample in samples {
            let refusal: TokenError.Code?
            do {
                _ = try TokenSamples.verifier.verify(sample.token, now: TokenSamples.now)
                refusal = nil
            } catch {
                refusal = error.code
            }
            #expect(refusal == sample.refusal, "\(sample.name)")
        }
    }

    @Test("A change of any one character of a token is refused")
    func everyCharacterCounts() {
        let token = Array(TokenSamples.join.utf8)
        for index in token.indices {
            for replacement in [UInt8(ascii: "A"), UInt8(ascii: "B"), UInt8(ascii: ".")]
            where replacement != token[index] {
                var changed = token
                changed[index] = replacement
                #expect(throws: TokenError.self, "character \(index)") {
                    try TokenSamples.verifier.verify(String(decoding: changed, as: UTF8.self), now: TokenSamples.now)
                }
            }
        }
    }

    @Test("Every truncation is refused")
    func truncations() {
        for count in 0..<TokenSamples.join.count {
            #expect(throws: TokenError.self, "first \(count) characters") {
                try TokenSamples.verifier.verify(String(TokenSamples.join.prefix(count)), now: TokenSamples.now)
            }
        }
    }

    @Test("The leeway is the verifier's")
    func leeway() throws {
        let strict = TokenVerifier(leeway: .zero) { $0 == TokenSamples.key ? TokenSamples.secret : nil }
        let expiry: Int64 = 1_700_021_600
        _ = try strict.verify(TokenSamples.join, now: NumericDate(secondsSinceEpoch: expiry - 1))
        #expect(throws: TokenError.self) {
            try strict.verify(TokenSamples.join, now: NumericDate(secondsSinceEpoch: expiry))
        }
        #expect(throws: TokenError.self) {
            try strict.verify(TokenSamples.join, now: TokenSamples.now.advanced(bySeconds: -1))
        }
        _ = try TokenSamples.verifier.verify(TokenSamples.join, now: TokenSamples.now.advanced(bySeconds: -60))
    }

    @Test("An error names the claim and nothing that the token says")
    func errorText() {
        let token = TokenSamples.valid(adding: #""attributes":{"a":1}"#)
        let error = #expect(throws: TokenError.self) {
            try TokenSamples.verifier.verify(token, now: TokenSamples.now)
        }
        #expect(error?.description == "invalidClaim (attributes)")
    }
}
