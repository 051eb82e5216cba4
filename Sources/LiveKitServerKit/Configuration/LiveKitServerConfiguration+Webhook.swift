internal import Foundation

extension LiveKitServerConfiguration {
    /// Who is told what happens in rooms, by HTTP.
    public struct Webhook: Sendable {
        /// Where each event is posted.
        public var urls: [String] = []
        /// The API key whose secret signs the requests; one of ``LiveKitServerConfiguration/keys``.
        public var apiKey = ""
        /// The only events to send, such as `room_started`; none means all.
        public var includedEvents: [String] = []
        /// Events not to send. Without effect where ``includedEvents`` says something.
        public var excludedEvents: [String] = []
        /// Whether events of participants and tracks tell all of their room instead of its name and SID
        /// (`room.enable_full_room_in_webhooks`).
        public var sendsFullRoom = false
        /// An event that could not be delivered for so long is dropped.
        public var maximumAge = Duration.seconds(30)
        /// Events of one room that may wait for one endpoint; later ones are dropped.
        public var maximumDepth = 200

        /// LiveKit's defaults: nobody is told.
        public init() {}

        func sends(_ event: String) -> Bool {
            includedEvents.isEmpty ? !excludedEvents.contains(event) : includedEvents.contains(event)
        }

        mutating func read(_ reader: inout ConfigurationReader) throws(ConfigurationError) {
            urls = try reader.strings("urls") ?? urls
            apiKey = try reader.string("api_key") ?? apiKey
            try reader.section("filter_params") { reader throws(ConfigurationError) in
                includedEvents = try reader.strings("include_events") ?? includedEvents
                excludedEvents = try reader.strings("exclude_events") ?? excludedEvents
            }
            try reader.section("resource_url_notifier") { reader throws(ConfigurationError) in
                if let text = try reader.string("max_age") { maximumAge = try Self.duration(text) }
                maximumDepth = try reader.integer("max_depth", in: 1...100_000) ?? maximumDepth
            }
            // An older way of sending, which LiveKit reads and no longer uses.
            try reader.section("url_notifier") { reader throws(ConfigurationError) in
                _ = try reader.integer("num_workers")
                _ = try reader.integer("queue_size")
            }
        }

        /// Reads a duration as Go writes it in its simplest forms: `500ms`, `30s`, `2m`.
        private static func duration(_ text: String) throws(ConfigurationError) -> Duration {
            let digits = text.prefix { $0.isASCII && $0.isNumber }
            let value = Int(digits).flatMap { $0 > 0 && $0 <= 1_000_000 ? $0 : nil }
            switch (value, text.dropFirst(digits.count)) {
            case (let value?, "ms"): return .milliseconds(value)
            case (let value?, "s"): return .seconds(value)
            case (let value?, "m"): return .seconds(value * 60)
            default: throw ConfigurationError("webhook.resource_url_notifier.max_age must be a duration such as 30s")
            }
        }

        func validate(keys: [String: String]) throws(ConfigurationError) {
            guard !urls.isEmpty else { return }
            guard keys[apiKey] != nil else {
                throw ConfigurationError("webhook.api_key is not one of the API keys, so webhooks could not be signed")
            }
            for url in urls {
                guard let parts = URLComponents(string: url), ["http", "https"].contains(parts.scheme?.lowercased()),
                    parts.host?.isEmpty == false
                else { throw ConfigurationError("webhook.urls: \(url) is not an HTTP address") }
            }
        }
    }
}
