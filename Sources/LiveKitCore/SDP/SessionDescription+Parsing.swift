extension SessionDescription {
    /// Reads a description; lines may end in CRLF or in LF alone.
    public init(parsing text: String) throws(SDPError) {
        guard text.utf8.count <= SDPLimits.maxByteCount else { throw SDPError(.tooLarge) }
        var parser = SessionDescriptionParser()
        var rest = Substring(text).utf8[...]
        while !rest.isEmpty {
            let end = rest.firstIndex(of: UInt8(ascii: "\n"))
            var line = rest[..<(end ?? rest.endIndex)]
            if line.last == UInt8(ascii: "\r") { line.removeLast() }
            try parser.receive(line: Substring(line))
            rest = end.map { rest[rest.index(after: $0)...] } ?? rest[rest.endIndex...]
        }
        self = try parser.finish()
    }

    /// Reads a description from its bytes, which must be UTF-8.
    public init(parsing bytes: [UInt8]) throws(SDPError) {
        guard bytes.count <= SDPLimits.maxByteCount else { throw SDPError(.tooLarge) }
        guard let text = String(validating: bytes, as: UTF8.self) else { throw SDPError(.encoding) }
        try self.init(parsing: text)
    }
}

/// Takes the lines one by one and puts them where they belong.
///
/// The order that the RFC prescribes is not insisted on within a section: real senders write `c=` before
/// `o=`'s neighbours, and nothing depends on it.
private struct SessionDescriptionParser {
    private var lineNumber = 0
    private var version: UInt8?
    private var origin: SessionDescription.Origin?
    private var sessionName: String?
    private var session = SessionDescription(
        origin: SessionDescription.Origin(sessionID: 0, sessionVersion: 0), timing: [])
    private var section: MediaDescription?

    mutating func receive(line: Substring) throws(SDPError) {
        lineNumber += 1
        guard lineNumber <= SDPLimits.maxLineCount else { throw SDPError(.tooLarge, line: lineNumber) }
        let bytes = line.utf8
        guard let letter = bytes.first else { return }
        guard !bytes.contains(where: \.isControl) else { throw SDPError(.controlCharacter, line: lineNumber) }
        guard bytes.dropFirst().first == UInt8(ascii: "=") else { throw SDPError(.unknownLine, line: lineNumber) }
        let value = Substring(bytes.dropFirst(2))

        if letter == UInt8(ascii: "m") {
            guard version != nil else { throw SDPError(.missingLine, line: lineNumber) }
            if let section { session.media.append(section) }
            section = try mediaDescription(value)
        } else if section != nil {
            try receiveMedia(letter, value)
        } else {
            try receiveSession(letter, value)
        }
    }

    mutating func finish() throws(SDPError) -> SessionDescription {
        if let section { session.media.append(section) }
        guard let version, let origin, let sessionName else { throw SDPError(.missingLine) }
        session.version = version
        session.origin = origin
        session.sessionName = sessionName
        return session
    }

    private mutating func receiveSession(_ letter: UInt8, _ value: Substring) throws(SDPError) {
        guard version != nil || letter == UInt8(ascii: "v") else { throw SDPError(.missingLine, line: lineNumber) }
        switch Unicode.Scalar(letter) {
        case "v":
            guard value.trimmed() == "0" else { throw malformed() }
            try Self.set(&version, 0, lineNumber)
        case "o": try Self.set(&origin, originData(value), lineNumber)
        case "s": try Self.set(&sessionName, String(value), lineNumber)
        case "i": try Self.set(&session.information, String(value), lineNumber)
        case "u": try Self.set(&session.uri, String(value), lineNumber)
        case "e": session.emailAddresses.append(String(value))
        case "p": session.phoneNumbers.append(String(value))
        case "c": try Self.set(&session.connection, connectionData(value), lineNumber)
        case "b": session.bandwidths.append(try bandwidth(value))
        case "t": session.timing.append(try timing(value))
        case "r":
            guard !session.timing.isEmpty else { throw SDPError(.misplacedLine, line: lineNumber) }
            session.timing[session.timing.count - 1].repeats.append(String(value))
        case "z": try Self.set(&session.timeZones, String(value), lineNumber)
        case "k": try Self.set(&session.encryptionKey, String(value), lineNumber)
        case "a": session.attributes.append(try attribute(value))
        default: throw SDPError(.unknownLine, line: lineNumber)
        }
    }

    private mutating func receiveMedia(_ letter: UInt8, _ value: Substring) throws(SDPError) {
        switch Unicode.Scalar(letter) {
        case "i": section?.title = String(value)
        case "c":
            let connection = try connectionData(value)
            section?.connections.append(connection)
        case "b":
            let bandwidth = try bandwidth(value)
            section?.bandwidths.append(bandwidth)
        case "k": section?.encryptionKey = String(value)
        case "a":
            let attribute = try attribute(value)
            section?.attributes.append(attribute)
        case "v", "o", "s", "u", "e", "p", "t", "r", "z": throw SDPError(.misplacedLine, line: lineNumber)
        default: throw SDPError(.unknownLine, line: lineNumber)
        }
    }

    /// Stores what may stand once only.
    private static func set<Value>(_ slot: inout Value?, _ value: Value, _ line: Int) throws(SDPError) {
        guard slot == nil else { throw SDPError(.misplacedLine, line: line) }
        slot = value
    }

    private func malformed() -> SDPError { SDPError(.malformedField, line: lineNumber) }
}

extension SessionDescriptionParser {
    private func originData(_ value: Substring) throws(SDPError) -> SessionDescription.Origin {
        let fields = value.fields()
        guard fields.count == 6, let sessionID = UInt64(fields[1]), let sessionVersion = UInt64(fields[2])
        else { throw malformed() }
        return SessionDescription.Origin(
            username: String(fields[0]), sessionID: sessionID, sessionVersion: sessionVersion,
            networkType: String(fields[3]), addressType: String(fields[4]), address: String(fields[5]))
    }

    private func connectionData(_ value: Substring) throws(SDPError) -> ConnectionData {
        let fields = value.fields()
        guard fields.count == 3 else { throw malformed() }
        return ConnectionData(
            networkType: String(fields[0]), addressType: String(fields[1]), address: String(fields[2]))
    }

    private func bandwidth(_ value: Substring) throws(SDPError) -> Bandwidth {
        let (type, number) = value.trimmed().cut(at: ":")
        guard !type.isEmpty, type.fields().count == 1, let number, let number = UInt64(number)
        else { throw malformed() }
        return Bandwidth(type: String(type), value: number)
    }

    private func timing(_ value: Substring) throws(SDPError) -> SessionDescription.Timing {
        let fields = value.fields()
        guard fields.count == 2, let start = UInt64(fields[0]), let stop = UInt64(fields[1])
        else { throw malformed() }
        return SessionDescription.Timing(start: start, stop: stop)
    }

    private func attribute(_ value: Substring) throws(SDPError) -> SDPAttribute {
        let (name, value) = value.cut(at: ":")
        guard !name.isEmpty else { throw malformed() }
        return SDPAttribute(String(name), value.map(String.init))
    }

    private func mediaDescription(_ value: Substring) throws(SDPError) -> MediaDescription {
        let fields = value.fields()
        guard fields.count >= 3 else { throw malformed() }
        let (port, count) = fields[1].cut(at: "/")
        guard let port = UInt16(port) else { throw malformed() }
        var section = MediaDescription(
            media: String(fields[0]), port: port, transportProtocol: String(fields[2]),
            formats: fields[3...].map(String.init))
        if let count {
            guard let count = UInt16(count) else { throw malformed() }
            section.portCount = count
        }
        return section
    }
}
