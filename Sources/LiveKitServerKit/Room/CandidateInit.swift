internal import Foundation

/// The JSON that a `trickle` carries: a browser's `RTCIceCandidateInit`.
struct CandidateInit: Codable, Equatable, Sendable {
    var candidate: String
    var sdpMid: String?
    var sdpMLineIndex: Int?
    var usernameFragment: String?

    /// A candidate is one line of text; longer ones are not candidates.
    static let maximumBytes = 4096

    init(candidate: String, mid: String, index: Int) {
        self.candidate = candidate
        sdpMid = mid
        sdpMLineIndex = index
    }

    init?(json: String) {
        guard json.utf8.count <= Self.maximumBytes,
            let decoded = try? JSONDecoder().decode(Self.self, from: Data(json.utf8))
        else { return nil }
        self = decoded
    }

    var json: String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        guard let data = try? encoder.encode(self) else { return "{}" }
        return String(decoding: data, as: UTF8.self)
    }
}
