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
        /// Requests at once to one endpoint.
        public var deliveriesAtOnce = 32
        /// Events of all rooms that may wait for one endpoint; later ones are dropped. Their bytes are bounded besides.
        public var maximumQueue = 100_000

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
            try reader.section("url_notifier") { reader throws(ConfigurationError) in
                deliveriesAtOnce = try reader.integer("num_workers", in: 1...1000) ?? deliveriesAtOnce
                maximumQueue = try reader.integer("queue_size", in: 1...1_000_000) ?? maximumQueue
            }
            try reader.section("resource_url_notifier") { reader throws(ConfigurationError) in
                maximumAge = try reader.duration("max_age") ?? maximumAge
                maximumDepth = try reader.integer("max_depth", in: 1...100_000) ?? maximumDepth
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
