internal import Logging

extension LiveKitServerConfiguration {
    /// Reads a configuration in LiveKit's YAML format. Keys that nobody knows are an error, so that a slip does not
    /// silently leave a default in place; keys of LiveKit's whose feature this server does not have are remembered in
    /// ``keysWithoutEffect``.
    ///
    /// - Parameter yaml: the file's text.
    /// - Throws: ``ConfigurationError`` with the key, the line, and the key that was meant.
    public init(yaml: String) throws {
        var reader = try ConfigurationReader(yaml: yaml)
        try self.init(&reader)
    }

    init(_ reader: inout ConfigurationReader) throws(ConfigurationError) {
        self.init()
        try readTop(&reader)
        try readOperations(&reader)
        try reader.section("rtc") { reader throws(ConfigurationError) in
            try rtc.read(&reader)
            if reader.isPortRange("udp_port") {
                remarks.append("rtc.udp_port is a range, of which media takes the first port only")
            }
        }
        try reader.section("turn") { reader throws(ConfigurationError) in try turn.read(&reader) }
        try reader.section("limit") { reader throws(ConfigurationError) in try limits.read(&reader) }
        try reader.section("room") { reader throws(ConfigurationError) in
            try room.read(&reader)
            // After `limit`, because the older place wins.
            try limits.readLegacy(&reader)
            webhook.sendsFullRoom = try reader.flag("enable_full_room_in_webhooks") ?? webhook.sendsFullRoom
        }
        try reader.section("audio") { reader throws(ConfigurationError) in try audio.read(&reader) }
        try reader.section("video") { reader throws(ConfigurationError) in try video.read(&reader) }
        try reader.section("agents") { reader throws(ConfigurationError) in try agents.read(&reader) }
        try reader.section("webhook") { reader throws(ConfigurationError) in try webhook.read(&reader) }
        try reader.section("ingress") { reader throws(ConfigurationError) in try ingress.read(&reader) }
        try reader.section("redis") { reader throws(ConfigurationError) in try redis.read(&reader) }
        try reader.section("node_selector") { reader throws(ConfigurationError) in try nodeSelector.read(&reader) }
        try reader.finish()
        keysWithoutEffect = reader.report.withoutEffect
        unknownKeys = reader.report.unknown
        if isDevelopment { applyDevelopmentKeys() }
    }

    private mutating func readTop(_ reader: inout ConfigurationReader) throws(ConfigurationError) {
        port = try reader.port("port") ?? port
        bindAddresses = try reader.strings("bind_addresses") ?? bindAddresses
        keys = try reader.texts("keys") ?? keys
        region = try reader.string("region") ?? region
        keyFile = try reader.string("key_file") ?? keyFile
        isDevelopment = try reader.flag("development") ?? isDevelopment
        enablesDataTracks = try reader.flag("enable_data_tracks") ?? enablesDataTracks
        enablesDataBlobs = try reader.flag("enable_participant_data_blob") ?? enablesDataBlobs
        // What is said outright wins over the defaults of development.
        if isDevelopment { applyDevelopmentDefaults(keepingKeys: true) }
    }

    /// Checks what cannot work before anything is started.
    ///
    /// - Throws: ``ConfigurationError``.
    public func validate() throws {
        guard !keys.isEmpty else {
            throw ConfigurationError("no API keys: set keys, or run in development mode")
        }
        guard keys.allSatisfy({ !$0.key.isEmpty && !$0.value.isEmpty }) else {
            throw ConfigurationError("an API key or its secret is empty")
        }
        guard (0...65_535).contains(port) else { throw ConfigurationError("port must be from 0 to 65535") }
        try prometheus.validate()
        try nodeStatistics.validate()
        try turn.validate()
        try agents.validate()
        guard limits.signalMessageBytes > 0, limits.agentMessageBytes > 0, limits.requestBodyBytes > 0 else {
            throw ConfigurationError("message size limits must be above 0")
        }
        try rtc.validate()
        try webhook.validate(keys: keys)
        try redis.validate()
        try nodeSelector.validate(region: region)
    }
}

extension LiveKitServerConfiguration.RTC {
    fileprivate mutating func read(_ reader: inout ConfigurationReader) throws(ConfigurationError) {
        udpPort = try reader.portRange("udp_port") ?? udpPort
        tcpPort = try reader.port("tcp_port") ?? tcpPort
        try readNodeIP(&reader)
        usesExternalIP = try reader.flag("use_external_ip") ?? usesExternalIP
        skipsExternalIPValidation = try reader.flag("skip_external_ip_validation") ?? skipsExternalIPValidation
        offersExternalIPOnly = try reader.flag("external_ip_only") ?? offersExternalIPOnly
        offersInternalIP = try reader.flag("advertise_internal_ip") ?? offersInternalIP
        if let servers = try reader.strings("stun_servers"), !servers.isEmpty { stunServers = servers }
        if var servers = try reader.sections("turn_servers") {
            turnServers = []
            for index in servers.indices {
                turnServers.append(try LiveKitServerConfiguration.TURNServer(&servers[index]))
            }
        }
        usesICELite = try reader.flag("use_ice_lite") ?? usesICELite
        forcesTCP = try reader.flag("force_tcp") ?? forcesTCP
        allowsTCPFallback = try reader.flag("allow_tcp_fallback") ?? allowsTCPFallback
        tcpFallbackRoundTripThreshold =
            try reader.integer("tcp_fallback_rtt_threshold", in: 0...60_000) ?? tcpFallbackRoundTripThreshold
        try reader.section("interfaces") { reader throws(ConfigurationError) in
            includedInterfaces = try reader.strings("includes") ?? includedInterfaces
            excludedInterfaces = try reader.strings("excludes") ?? excludedInterfaces
        }
        try reader.section("ips") { reader throws(ConfigurationError) in
            includedIPs = try reader.strings("includes") ?? includedIPs
            excludedIPs = try reader.strings("excludes") ?? excludedIPs
        }
        enablesLoopbackCandidate = try reader.flag("enable_loopback_candidate") ?? enablesLoopbackCandidate
        try readForwarding(&reader)
        flexFECPercent = try reader.integer("flexfec_percent", in: 0...100) ?? flexFECPercent
        try reader.section("congestion_control") { reader throws(ConfigurationError) in
            try congestionControl.read(&reader)
        }
    }

    /// One address, or one for each family.
    private mutating func readNodeIP(_ reader: inout ConfigurationReader) throws(ConfigurationError) {
        guard reader.isSection("node_ip") else {
            nodeIP = try reader.string("node_ip") ?? nodeIP
            return
        }
        try reader.section("node_ip") { reader throws(ConfigurationError) in
            nodeIP = try reader.string("ipv4") ?? nodeIP
            nodeIPv6 = try reader.string("ipv6") ?? nodeIPv6
        }
    }
}

extension LiveKitServerConfiguration.RoomDefaults {
    fileprivate mutating func read(_ reader: inout ConfigurationReader) throws(ConfigurationError) {
        isCreatedAutomatically = try reader.flag("auto_create") ?? isCreatedAutomatically
        maximumParticipants = try reader.integer("max_participants", in: 0...Int(UInt32.max)) ?? maximumParticipants
        emptyTimeout = try reader.integer("empty_timeout", in: 0...Int(UInt32.max)) ?? emptyTimeout
        departureTimeout = try reader.integer("departure_timeout", in: 0...Int(UInt32.max)) ?? departureTimeout
        enablesRemoteUnmute = try reader.flag("enable_remote_unmute") ?? enablesRemoteUnmute
        refusesDuplicateIdentity = try reader.flag("refuse_duplicate_identity") ?? refusesDuplicateIdentity
        syncsStreams = try reader.flag("sync_streams") ?? syncsStreams
        updateBatchBytes = try reader.integer("update_batch_target_size", in: 1...Int(Int32.max)) ?? updateBatchBytes
        try reader.namedSections("room_configurations") { name, reader throws(ConfigurationError) in
            var preset = LiveKitServerConfiguration.RoomPreset()
            try preset.read(&reader)
            presets[name] = preset
        }
        guard var codecs = try reader.sections("enabled_codecs") else { return }
        enabledCodecs = []
        for index in codecs.indices {
            guard let mime = try codecs[index].string("mime") else {
                throw ConfigurationError("room.enabled_codecs needs a mime for each codec")
            }
            _ = try codecs[index].string("fmtp_line")
            try codecs[index].finish()
            enabledCodecs.append(mime)
        }
    }
}
