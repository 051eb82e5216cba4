internal import Foundation

/// A trickled candidate, as W3C's RTCIceCandidateInit in JSON.
struct ICECandidateInit: Codable, Hashable, Sendable {
    var candidate: String
    var sdpMid: String?
    var sdpMLineIndex: Int?
    var usernameFragment: String?

    /// As it goes to the server.
    var json: String {
        (try? JSONEncoder().encode(self)).map { String(decoding: $0, as: UTF8.self) } ?? ""
    }

    /// Reads the JSON; `nil` where it is none, or the end of the candidates.
    static func parse(_ json: String) -> ICECandidateInit? {
        guard let value = try? JSONDecoder().decode(ICECandidateInit.self, from: Data(json.utf8)),
            !value.candidate.isEmpty
        else { return nil }
        return value
    }
}
