internal import SwiftProtobuf

/// A JSON object of claims, read and written member by member with their types checked.
///
/// Parsing refuses an object that names a member twice and one that is nested too deeply; `null` counts as
/// an absent member, as it does for LiveKit's own libraries.
struct ClaimObject {
    private var object: Google_Protobuf_Struct
    /// Members to be written that are JSON already: the structure above would write whole numbers with a fraction.
    private var literals: [(name: String, json: [UInt8])] = []

    init() {
        object = Google_Protobuf_Struct()
    }

    /// - Throws: ``TokenError/Code/malformed`` unless the bytes are one JSON object in UTF-8.
    init(json: [UInt8]) throws(TokenError) {
        // Validated here, because the JSON scanner checks the encoding of strings only.
        guard String(validating: json, as: UTF8.self) != nil else { throw TokenError(.malformed) }
        do {
            object = try Google_Protobuf_Struct(jsonUTF8Bytes: json)
        } catch {
            throw TokenError(.malformed)
        }
    }

    private init(_ object: Google_Protobuf_Struct) {
        self.object = object
    }

    /// The object as JSON, its members in no particular order.
    func json() throws(TokenError) -> [UInt8] {
        var text: [UInt8]
        do {
            text = try object.jsonUTF8Bytes()
        } catch {
            // Only a number that is not finite cannot be written, and no claim is made from one.
            throw TokenError(.malformed)
        }
        for literal in literals {
            text.removeLast()
            text += Array((text.count > 1 ? ",\"" : "\"").utf8) + Array(literal.name.utf8) + Array("\":".utf8)
            text += literal.json + [UInt8(ascii: "}")]
        }
        return text
    }

    private func member(_ name: String) -> Google_Protobuf_Value.OneOf_Kind? {
        guard let kind = object.fields[name]?.kind, kind != .nullValue(.nullValue) else { return nil }
        return kind
    }

    // MARK: Reading

    func contains(_ name: String) -> Bool { object.fields[name] != nil }

    func string(_ name: String) throws(TokenError) -> String? {
        guard let value = member(name) else { return nil }
        guard case .stringValue(let text) = value else { throw TokenError(.invalidClaim, claim: name) }
        return text
    }

    func flag(_ name: String) throws(TokenError) -> Bool? {
        guard let value = member(name) else { return nil }
        guard case .boolValue(let flag) = value else { throw TokenError(.invalidClaim, claim: name) }
        return flag
    }

    /// A NumericDate; a fraction of a second is cut off (RFC 7519 §2 allows one).
    func date(_ name: String) throws(TokenError) -> NumericDate? {
        guard let value = member(name) else { return nil }
        // Beyond 2^53 a JSON number is no longer exact.
        guard case .numberValue(let seconds) = value, seconds >= 0, seconds <= 9_007_199_254_740_992 else {
            throw TokenError(.invalidClaim, claim: name)
        }
        return NumericDate(secondsSinceEpoch: Int64(seconds))
    }

    func object(_ name: String) throws(TokenError) -> ClaimObject? {
        guard let value = member(name) else { return nil }
        guard case .structValue(let object) = value else { throw TokenError(.invalidClaim, claim: name) }
        return ClaimObject(object)
    }

    func strings(_ name: String) throws(TokenError) -> [String]? {
        guard let value = member(name) else { return nil }
        guard case .listValue(let list) = value else { throw TokenError(.invalidClaim, claim: name) }
        var texts: [String] = []
        for element in list.values {
            guard case .stringValue(let text)? = element.kind else { throw TokenError(.invalidClaim, claim: name) }
            texts.append(text)
        }
        return texts
    }

    func dictionary(_ name: String) throws(TokenError) -> [String: String]? {
        guard let members = try object(name)?.object.fields else { return nil }
        var texts: [String: String] = [:]
        for (key, value) in members {
            guard case .stringValue(let text)? = value.kind else { throw TokenError(.invalidClaim, claim: name) }
            texts[key] = text
        }
        return texts
    }

    // MARK: Writing, where an empty value is left out

    mutating func set(_ name: String, _ text: String) {
        guard !text.isEmpty else { return }
        object.fields[name] = Google_Protobuf_Value(stringValue: text)
    }

    mutating func set(_ name: String, _ flag: Bool?) {
        guard let flag else { return }
        object.fields[name] = Google_Protobuf_Value(boolValue: flag)
    }

    mutating func set(_ name: String, _ date: NumericDate) {
        set(name, json: Array(String(date.secondsSinceEpoch).utf8))
    }

    mutating func set(_ name: String, _ texts: [String]) {
        guard !texts.isEmpty else { return }
        let values = texts.map { Google_Protobuf_Value(stringValue: $0) }
        object.fields[name] = Google_Protobuf_Value(listValue: Google_Protobuf_ListValue(values: values))
    }

    mutating func set(_ name: String, _ texts: [String: String]) {
        guard !texts.isEmpty else { return }
        let values = texts.mapValues { Google_Protobuf_Value(stringValue: $0) }
        object.fields[name] = Google_Protobuf_Value(structValue: Google_Protobuf_Struct(fields: values))
    }

    mutating func set(_ name: String, _ claims: ClaimObject?) {
        guard let claims else { return }
        object.fields[name] = Google_Protobuf_Value(structValue: claims.object)
    }

    mutating func set(_ name: String, json: [UInt8]) {
        literals.append((name: name, json: json))
    }

    // MARK: Looking inside

    /// Whether the object, or an object inside it, has a non-empty text under one of these names.
    func containsText(under names: Set<String>) -> Bool {
        Self.containsText(under: names, in: object)
    }

    private static func containsText(under names: Set<String>, in object: Google_Protobuf_Struct) -> Bool {
        object.fields.contains { name, value in
            if names.contains(name), !value.stringValue.isEmpty { return true }
            return containsText(under: names, in: value)
        }
    }

    private static func containsText(under names: Set<String>, in value: Google_Protobuf_Value) -> Bool {
        switch value.kind {
        case .structValue(let object): containsText(under: names, in: object)
        case .listValue(let list): list.values.contains { containsText(under: names, in: $0) }
        default: false
        }
    }
}
