/// Whether what was watched is good enough.
struct Verdict {
    let picture: PictureGauge.Summary
    let tone: Double?
    let expectedTone: Double

    /// The share of pictures that must arrive.
    private static let requiredCompleteness = 0.9
    /// How far the tone may be off.
    private static let toneTolerance = 0.02

    private var isPictureGood: Bool { (picture.completeness ?? 0) >= Self.requiredCompleteness }

    private var isToneGood: Bool {
        guard let tone else { return false }
        return abs(tone - expectedTone) <= expectedTone * Self.toneTolerance
    }

    var isGood: Bool { isPictureGood && isToneGood }

    var text: String {
        let share = picture.completeness.map { Console.number($0 * 100) + " %" } ?? "none"
        let pitch = tone.map { Console.number($0) + " Hz" } ?? "none"
        let pictures = "pictures \(picture.stamped) arrived, \(share) of those sent\(isPictureGood ? "" : " (too few)")"
        let sound = "tone \(pitch), expected \(Console.number(expectedTone)) Hz\(isToneGood ? "" : " (wrong)")"
        return "\(isGood ? "PASS" : "FAIL")  \(pictures); \(sound)"
    }
}
