import HTTPTypes
import Testing

@testable import LiveKitServerKit

@Suite("Twirp errors")
struct TwirpErrorTests {
    @Test("Each code has its status")
    func statuses() {
        let expected: [TwirpError.Code: Int] = [
            .canceled: 408, .unknown: 500, .invalidArgument: 400, .malformed: 400, .deadlineExceeded: 408,
            .notFound: 404, .badRoute: 404, .alreadyExists: 409, .permissionDenied: 403, .unauthenticated: 401,
            .resourceExhausted: 429, .failedPrecondition: 412, .aborted: 409, .outOfRange: 400,
            .unimplemented: 501, .internal: 500, .unavailable: 503, .dataLoss: 500,
        ]
        for code in TwirpError.Code.allCases { #expect(code.status.code == expected[code]) }
    }

    @Test("Slashes collapse in the path and stay in the query")
    func slashes() {
        #expect("/twirp//a///b?x=//".collapsingSlashes == "/twirp/a/b?x=//")
        #expect("//rtc".collapsingSlashes == "/rtc")
        #expect("/".collapsingSlashes == "/")
        #expect("".collapsingSlashes == "")
    }

    @Test("Candidates are read from and written as a browser does it")
    func candidates() throws {
        let json = #"{"candidate":"candidate:1 1 udp 1 10.0.0.1 5 typ host","sdpMid":"0","sdpMLineIndex":0}"#
        let candidate = try #require(CandidateInit(json: json))
        #expect(candidate.candidate.hasPrefix("candidate:1") && candidate.sdpMid == "0")
        #expect(CandidateInit(json: candidate.json) == candidate)
        #expect(CandidateInit(json: "{") == nil)
        #expect(CandidateInit(json: #"{"candidate":5}"#) == nil)
        #expect(CandidateInit(json: String(repeating: "x", count: 5000)) == nil)
    }
}
