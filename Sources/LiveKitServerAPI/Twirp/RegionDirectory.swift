internal import Foundation
internal import LiveKitCore

/// The regions that servers tell at `/settings/regions`, remembered for as long as they say. Shared by all clients of
/// the process.
actor RegionDirectory {
    static let shared = RegionDirectory()

    /// Finding out where to go must not take longer than going there.
    static let timeout = Duration.seconds(2)
    /// Servers that are remembered; a process that talks to more asks again.
    private static let capacity = 100

    private struct Entry {
        var origins: [String]
        var until: NumericDate
    }

    private var entries: [String: Entry] = [:]

    /// The origins of a server's regions, the best first; empty when nobody knows any.
    func regions(
        of server: ServerURL, now: NumericDate,
        fetch: @Sendable (_ url: String) async throws -> (body: [UInt8], cacheControl: String)
    ) async -> [String] {
        if let entry = entries[server.origin], now < entry.until { return entry.origins }
        guard let (body, cacheControl) = try? await fetch(server.origin + "/settings/regions") else {
            // What was true a while ago is better than nothing.
            return entries[server.origin]?.origins ?? []
        }
        let origins = Self.origins(body)
        let age = Self.maximumAge(cacheControl)
        if age > 0 {
            if entries.count >= Self.capacity { entries = [:] }
            entries[server.origin] = Entry(origins: origins, until: now.advanced(bySeconds: age))
        }
        return origins
    }

    /// What is known of a server is not true any more.
    func forget(_ server: ServerURL) { entries[server.origin] = nil }

    /// `{"regions":[{"url":"wss://…"}]}`; what is no address is passed over.
    static func origins(_ body: [UInt8]) -> [String] {
        struct Settings: Decodable {
            struct Region: Decodable {
                var url: String?
            }
            var regions: [Region]?
        }
        let settings = try? JSONDecoder().decode(Settings.self, from: Data(body))
        return (settings?.regions ?? []).compactMap { region in
            region.url.flatMap { try? ServerURL($0).origin }
        }
    }

    /// Seconds of `max-age` (RFC 9111 §5.2.2.1); without it nothing is remembered.
    static func maximumAge(_ cacheControl: String) -> Int64 {
        for directive in cacheControl.split(separator: ",") {
            let parts = directive.split(separator: "=").map { $0.filter { $0 != " " }.lowercased() }
            if parts.count == 2, parts[0] == "max-age", let seconds = Int64(parts[1]), seconds > 0 {
                return min(seconds, 24 * 3600)
            }
        }
        return 0
    }
}
