internal import Foundation
internal import Yams

extension Node {
    /// The same in JSON; `nil` for what JSON cannot say, such as a mapping whose names are no texts.
    var json: String? {
        guard let value = jsonValue, let data = try? JSONSerialization.data(withJSONObject: value) else { return nil }
        return String(decoding: data, as: UTF8.self)
    }

    private var jsonValue: Any? {
        switch self {
        case .scalar(let scalar):
            // What stands in quotes is a text.
            guard scalar.style == .plain else { return scalar.string }
            if null != nil { return NSNull() }
            if let bool { return bool }
            if let int { return int }
            if let float, float.isFinite { return float }
            return scalar.string
        case .sequence(let sequence):
            let values = sequence.compactMap(\.jsonValue)
            return values.count == sequence.count ? values : nil
        case .mapping(let mapping):
            var object: [String: Any] = [:]
            for (name, value) in mapping {
                guard let name = name.scalar?.string, let value = value.jsonValue else { return nil }
                object[name] = value
            }
            return object
        case .alias:
            return nil
        }
    }
}
