internal import Foundation
internal import LiveKitCore
internal import LiveKitServerKit

/// What a person needs to use the server that has just started.
struct Banner {
    let configuration: LiveKitServerConfiguration
    let room: String

    func text(port: Int, udpPort: UInt16?) -> String {
        let host = configuration.bindAddresses.first { !$0.contains(":") && $0 != "0.0.0.0" } ?? "127.0.0.1"
        let url = "ws://\(host):\(port)"
        var lines = ["", "  LiveKit server \(LiveKitServer.version) is listening.", "", "  URL      \(url)"]
        if let udpPort { lines.append("  media    UDP \(udpPort)") }
        guard let (key, secret) = configuration.keys.min(by: { $0.key < $1.key }) else {
            return lines.joined(separator: "\n")
        }
        lines.append("  API key  \(key)")
        if configuration.isDevelopment { lines.append("  secret   \(secret)") }
        // A token is for a developer's terminal, not for the logs of a server that is in use.
        if configuration.isDevelopment, let token = token(key, secret) {
            lines += ["", "  A token for the room \"\(room)\", valid for six hours:", "", "  \(token)", ""]
            lines += ["  Now publish into it from another terminal:", ""]
            lines.append("  swift run bot-publisher --url \(url) --token \(token)")
        }
        return (lines + [""]).joined(separator: "\n")
    }

    private func token(_ key: String, _ secret: String) -> String? {
        var token = AccessToken(apiKey: key, apiSecret: secret, identity: "guest")
        token.video = VideoGrant(room: room, roomJoin: true)
        return try? token.jwt(now: NumericDate(secondsSinceEpoch: Int64(Date().timeIntervalSince1970)))
    }
}
