import Foundation

/// The terminal.
enum Console {
    static func say(_ line: String) {
        FileHandle.standardOutput.write(Data((line + "\n").utf8))
    }

    /// A number with so many places behind the point.
    static func number(_ value: Double, _ places: Int = 1) -> String {
        String(format: "%.\(places)f", value)
    }
}
