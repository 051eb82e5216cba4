extension SessionDescription {
    /// The description as text, its lines ended by CRLF and in the order of RFC 8866 §5.
    ///
    /// Refuses a value with a control character, so that no name, id or label that came from elsewhere can
    /// bring a line of its own, and whatever else would read back as something different.
    public func encoded() throws(SDPError) -> String {
        var writer = SessionDescriptionWriter()
        try writer.line("v", token: String(version))
        try writer.line(
            "o",
            fields: [
                origin.username, String(origin.sessionID), String(origin.sessionVersion), origin.networkType,
                origin.addressType, origin.address,
            ])
        try writer.line("s", text: sessionName)
        if let information { try writer.line("i", text: information) }
        if let uri { try writer.line("u", text: uri) }
        for address in emailAddresses { try writer.line("e", text: address) }
        for number in phoneNumbers { try writer.line("p", text: number) }
        if let connection { try writer.write(connection) }
        for bandwidth in bandwidths { try writer.write(bandwidth) }
        for period in timing {
            try writer.line("t", fields: [String(period.start), String(period.stop)])
            for text in period.repeats { try writer.line("r", text: text) }
        }
        if let timeZones { try writer.line("z", text: timeZones) }
        if let encryptionKey { try writer.line("k", text: encryptionKey) }
        try writer.write(attributes)
        for section in media { try writer.write(section) }
        return try writer.finish()
    }
}

private struct SessionDescriptionWriter {
    private var text = ""
    private var lineCount = 0

    mutating func line(_ letter: Character, text value: String) throws(SDPError) {
        guard !value.utf8.contains(where: \.isControl) else { throw SDPError(.controlCharacter) }
        text.append(letter)
        text.append("=")
        text.append(value)
        text.append("\r\n")
        lineCount += 1
    }

    mutating func line(_ letter: Character, token: String) throws(SDPError) {
        try line(letter, fields: [token])
    }

    mutating func line(_ letter: Character, fields: [String]) throws(SDPError) {
        for field in fields {
            guard !field.isEmpty, !field.utf8.contains(UInt8(ascii: " ")) else { throw SDPError(.malformedField) }
        }
        try line(letter, text: fields.joined(separator: " "))
    }

    mutating func write(_ connection: ConnectionData) throws(SDPError) {
        try line("c", fields: [connection.networkType, connection.addressType, connection.address])
    }

    mutating func write(_ bandwidth: Bandwidth) throws(SDPError) {
        guard !bandwidth.type.isEmpty, !bandwidth.type.utf8.contains(UInt8(ascii: ":"))
        else { throw SDPError(.malformedField) }
        try line("b", token: "\(bandwidth.type):\(bandwidth.value)")
    }

    mutating func write(_ attributes: SDPAttributes) throws(SDPError) {
        for attribute in attributes {
            guard !attribute.name.isEmpty, !attribute.name.utf8.contains(UInt8(ascii: ":"))
            else { throw SDPError(.malformedField) }
            try line("a", text: attribute.description)
        }
    }

    mutating func write(_ section: MediaDescription) throws(SDPError) {
        var port = String(section.port)
        if let count = section.portCount { port += "/\(count)" }
        try line("m", fields: [section.media, port, section.transportProtocol] + section.formats)
        if let title = section.title { try line("i", text: title) }
        for connection in section.connections { try write(connection) }
        for bandwidth in section.bandwidths { try write(bandwidth) }
        if let key = section.encryptionKey { try line("k", text: key) }
        try write(section.attributes)
    }

    func finish() throws(SDPError) -> String {
        guard lineCount <= SDPLimits.maxLineCount, text.utf8.count <= SDPLimits.maxByteCount
        else { throw SDPError(.tooLarge) }
        return text
    }
}
