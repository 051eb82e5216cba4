/// Names of the channels that calls go by, as psrpc forms them for Redis.
///
/// Parts are joined by `|`. Characters outside `0-9A-Za-z_` are written as `u+` and four hexadecimal digits, or `U+` and
/// eight. An empty part leaves no separator after it, which makes `Service|Method|REQ` of a method without a topic.
package enum ChannelName {
    /// Where a service's servers hear requests for a method.
    package static func requests(_ service: String, _ method: String, topic: [String]) -> String {
        join(service, method, topic, "REQ")
    }

    /// Where servers hear whose claim was taken.
    package static func claimResponses(_ service: String, _ method: String, topic: [String]) -> String {
        join(service, method, topic, "RCLAIM")
    }

    /// Where servers hear what clients say on streams.
    package static func serverStreams(_ service: String, _ method: String, topic: [String]) -> String {
        join(service, method, topic, "STR")
    }

    /// Where a client hears answers.
    package static func responses(_ service: String, client: String) -> String {
        join([service.sanitized, client.sanitized, "RES"])
    }

    /// Where a client hears which servers would take its request.
    package static func claimRequests(_ service: String, client: String) -> String {
        join([service.sanitized, client.sanitized, "CLAIM"])
    }

    /// Where a client hears what servers say on streams.
    package static func clientStreams(_ service: String, client: String) -> String {
        join([service.sanitized, client.sanitized, "STR"])
    }

    // MARK: Inside

    private static func join(_ service: String, _ method: String, _ topic: [String], _ kind: String) -> String {
        join([service.sanitized, method.sanitized, join(topic.map(\.sanitized)), kind])
    }

    private static func join(_ parts: [String]) -> String {
        var name = ""
        var isSeparated = true
        for part in parts {
            if !isSeparated { name += "|" }
            name += part
            isSeparated = part.isEmpty
        }
        return name
    }
}

extension String {
    /// With every character that a channel's name may not have spelt out.
    fileprivate var sanitized: String {
        var result = ""
        for scalar in unicodeScalars {
            switch scalar {
            case "0"..."9", "A"..."Z", "a"..."z", "_": result.unicodeScalars.append(scalar)
            default: result += scalar.value < 0x10000 ? "u+" + scalar.hex(4) : "U+" + scalar.hex(8)
            }
        }
        return result
    }
}

extension Unicode.Scalar {
    fileprivate func hex(_ digits: Int) -> String {
        let text = String(value, radix: 16)
        return String(repeating: "0", count: max(0, digits - text.count)) + text
    }
}
