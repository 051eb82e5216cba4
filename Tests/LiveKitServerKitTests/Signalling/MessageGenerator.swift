import Foundation
import LiveKitCore
import SwiftProtobuf

/// Fills messages with values of its own making: a protobuf decoder without input.
///
/// Every field is absent, ordinary or extreme; every list is empty, of one element, or of ten thousand.
struct MessageGenerator: SwiftProtobuf.Decoder {
    private var random: DeterministicRandom
    /// Texts that mean something where the message goes, such as SIDs.
    private let names: [String]
    /// The fields of the message at hand that are still to be filled.
    private var fields: [Int]
    private var depth = 0
    private let isCrowded: Bool

    static let crowd = 10_000
    private static let highestField = 30
    private static let deepest = 5

    /// Fills the fields given of the outermost message; in a crowded one, the first lists have ten thousand elements.
    init(seed: UInt64, fields: [Int], names: [String], isCrowded: Bool) {
        random = DeterministicRandom(seed: seed)
        self.fields = fields
        self.names = names
        self.isCrowded = isCrowded
    }

    mutating func make<Made: Message>(_: Made.Type) throws -> Made {
        var message = Made()
        try message.decodeMessage(decoder: &self)
        return message
    }

    // MARK: Values

    private mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &random) < percent }

    private mutating func number<Value: FixedWidthInteger>() -> Value {
        switch Int.random(in: 0..<6, using: &random) {
        case 0: .min
        case 1: .max
        case 2: 0
        case 3: 1
        default: Value.random(in: 0...100, using: &random)
        }
    }

    private mutating func text() -> String {
        switch Int.random(in: 0..<8, using: &random) {
        case 0: ""
        case 1: depth < 3 ? String(repeating: "ü🚀", count: 2000) : "x"
        case 2: "\u{0}\u{FFFF}\r\n"
        default: names.randomElement(using: &random) ?? "x"
        }
    }

    private mutating func bytes() -> Data {
        let count = [0, 1, 16, 3000].randomElement(using: &random) ?? 0
        return Data((0..<count).map { _ in UInt8.random(in: .min ... .max, using: &random) })
    }

    /// Ten thousand once: lists of lists stay small.
    private mutating func count() -> Int {
        let isBig = isCrowded && depth <= 2
        return isBig && chance(70) ? Self.crowd : Int.random(in: 0...1, using: &random)
    }

    private mutating func list<Value>(_ make: (inout Self) throws -> Value) rethrows -> [Value] {
        let size = count()
        depth += size > 1 ? Self.deepest : 1
        defer { depth -= size > 1 ? Self.deepest : 1 }
        return try (0..<size).map { _ in try make(&self) }
    }

    private mutating func nested<Made: Message>() throws -> Made {
        let outer = fields
        depth += 1
        defer {
            depth -= 1
            fields = outer
        }
        let share = depth > Self.deepest ? 20 : 70
        fields = (1...Self.highestField).filter { _ in chance(share) }.shuffled(using: &random)
        var message = Made()
        guard depth <= Self.deepest * 2 else { return message }
        try message.decodeMessage(decoder: &self)
        return message
    }

    private mutating func choice<Value: SwiftProtobuf.Enum>() -> Value where Value.RawValue == Int {
        let raw = [0, 1, 2, 3, 4, 5, 6, 7, 255, Int(Int32.max), Int(Int32.min)].randomElement(using: &random) ?? 0
        return Value(rawValue: raw) ?? Value()
    }

    // MARK: Decoder

    mutating func handleConflictingOneOf() throws {}
    mutating func nextFieldNumber() throws -> Int? { fields.popLast() }

    mutating func decodeSingularFloatField(value: inout Float) throws { value = chance(50) ? .infinity : 1 }
    mutating func decodeSingularFloatField(value: inout Float?) throws { value = .nan }
    mutating func decodeRepeatedFloatField(value: inout [Float]) throws { value = list { _ in -1 } }
    mutating func decodeSingularDoubleField(value: inout Double) throws { value = chance(50) ? -.infinity : 1 }
    mutating func decodeSingularDoubleField(value: inout Double?) throws { value = .nan }
    mutating func decodeRepeatedDoubleField(value: inout [Double]) throws { value = list { _ in -1 } }
    mutating func decodeSingularInt32Field(value: inout Int32) throws { value = number() }
    mutating func decodeSingularInt32Field(value: inout Int32?) throws { value = number() }
    mutating func decodeRepeatedInt32Field(value: inout [Int32]) throws { value = list { $0.number() } }
    mutating func decodeSingularInt64Field(value: inout Int64) throws { value = number() }
    mutating func decodeSingularInt64Field(value: inout Int64?) throws { value = number() }
    mutating func decodeRepeatedInt64Field(value: inout [Int64]) throws { value = list { $0.number() } }
    mutating func decodeSingularUInt32Field(value: inout UInt32) throws { value = number() }
    mutating func decodeSingularUInt32Field(value: inout UInt32?) throws { value = number() }
    mutating func decodeRepeatedUInt32Field(value: inout [UInt32]) throws { value = list { $0.number() } }
    mutating func decodeSingularUInt64Field(value: inout UInt64) throws { value = number() }
    mutating func decodeSingularUInt64Field(value: inout UInt64?) throws { value = number() }
    mutating func decodeRepeatedUInt64Field(value: inout [UInt64]) throws { value = list { $0.number() } }
    mutating func decodeSingularSInt32Field(value: inout Int32) throws { value = number() }
    mutating func decodeSingularSInt32Field(value: inout Int32?) throws { value = number() }
    mutating func decodeRepeatedSInt32Field(value: inout [Int32]) throws { value = list { $0.number() } }
    mutating func decodeSingularSInt64Field(value: inout Int64) throws { value = number() }
    mutating func decodeSingularSInt64Field(value: inout Int64?) throws { value = number() }
    mutating func decodeRepeatedSInt64Field(value: inout [Int64]) throws { value = list { $0.number() } }
    mutating func decodeSingularFixed32Field(value: inout UInt32) throws { value = number() }
    mutating func decodeSingularFixed32Field(value: inout UInt32?) throws { value = number() }
    mutating func decodeRepeatedFixed32Field(value: inout [UInt32]) throws { value = list { $0.number() } }
    mutating func decodeSingularFixed64Field(value: inout UInt64) throws { value = number() }
    mutating func decodeSingularFixed64Field(value: inout UInt64?) throws { value = number() }
    mutating func decodeRepeatedFixed64Field(value: inout [UInt64]) throws { value = list { $0.number() } }
    mutating func decodeSingularSFixed32Field(value: inout Int32) throws { value = number() }
    mutating func decodeSingularSFixed32Field(value: inout Int32?) throws { value = number() }
    mutating func decodeRepeatedSFixed32Field(value: inout [Int32]) throws { value = list { $0.number() } }
    mutating func decodeSingularSFixed64Field(value: inout Int64) throws { value = number() }
    mutating func decodeSingularSFixed64Field(value: inout Int64?) throws { value = number() }
    mutating func decodeRepeatedSFixed64Field(value: inout [Int64]) throws { value = list { $0.number() } }
    mutating func decodeSingularBoolField(value: inout Bool) throws { value = chance(50) }
    mutating func decodeSingularBoolField(value: inout Bool?) throws { value = chance(50) }
    mutating func decodeRepeatedBoolField(value: inout [Bool]) throws { value = list { $0.chance(50) } }
    mutating func decodeSingularStringField(value: inout String) throws { value = text() }
    mutating func decodeSingularStringField(value: inout String?) throws { value = text() }
    mutating func decodeRepeatedStringField(value: inout [String]) throws { value = list { $0.text() } }
    mutating func decodeSingularBytesField(value: inout Data) throws { value = bytes() }
    mutating func decodeSingularBytesField(value: inout Data?) throws { value = bytes() }
    mutating func decodeRepeatedBytesField(value: inout [Data]) throws { value = list { $0.bytes() } }

    mutating func decodeSingularEnumField<E: Enum>(value: inout E) throws where E.RawValue == Int { value = choice() }
    mutating func decodeSingularEnumField<E: Enum>(value: inout E?) throws where E.RawValue == Int { value = choice() }
    mutating func decodeRepeatedEnumField<E: Enum>(value: inout [E]) throws where E.RawValue == Int {
        value = list { $0.choice() }
    }
    mutating func decodeSingularMessageField<M: Message>(value: inout M?) throws { value = try nested() }
    mutating func decodeRepeatedMessageField<M: Message>(value: inout [M]) throws {
        value = try list { try $0.nested() }
    }
    mutating func decodeSingularGroupField<G: Message>(value: inout G?) throws { value = try nested() }
    mutating func decodeRepeatedGroupField<G: Message>(value: inout [G]) throws { value = try list { try $0.nested() } }

    mutating func decodeMapField<KeyType, ValueType: MapValueType>(
        fieldType: _ProtobufMap<KeyType, ValueType>.Type, value: inout _ProtobufMap<KeyType, ValueType>.BaseType
    ) throws {
        for index in 0..<count() {
            var (key, element): (KeyType.BaseType?, ValueType.BaseType?)
            try KeyType.decodeSingular(value: &key, from: &self)
            try ValueType.decodeSingular(value: &element, from: &self)
            // Texts are few; a crowd needs more of them.
            if let text = key as? String { key = "\(text)\(index)" as? KeyType.BaseType }
            if let key, let element { value[key] = element }
        }
    }

    mutating func decodeMapField<KeyType, ValueType>(
        fieldType: _ProtobufEnumMap<KeyType, ValueType>.Type,
        value: inout _ProtobufEnumMap<KeyType, ValueType>.BaseType
    ) throws where ValueType.RawValue == Int {}

    mutating func decodeMapField<KeyType, ValueType>(
        fieldType: _ProtobufMessageMap<KeyType, ValueType>.Type,
        value: inout _ProtobufMessageMap<KeyType, ValueType>.BaseType
    ) throws {}

    mutating func decodeExtensionField(
        values: inout ExtensionFieldValueSet, messageType: any Message.Type, fieldNumber: Int
    ) throws {}
}
