/// Finds what somebody meant who wrote a name that does not exist.
enum NearestName {
    /// Names longer than this are no slip of the pen, and not worth the time.
    private static let longestName = 64

    /// The path that differs least from `path`; else the one path elsewhere that ends in the same name.
    static func suggestion(for path: String, among known: some Collection<String>) -> String? {
        guard path.utf8.count <= longestName else { return nil }
        let tolerance = max(2, path.utf8.count / 4)
        let nearest = known.lazy.map { (distance: distance(path, $0, limit: tolerance), path: $0) }
            .min { ($0.distance, $0.path) < ($1.distance, $1.path) }
        if let nearest, nearest.distance <= tolerance { return nearest.path }
        let name = path.split(separator: ".").last ?? ""
        let elsewhere = known.filter { $0.hasSuffix(".\(name)") || $0 == name }
        return elsewhere.count == 1 ? elsewhere.first : nil
    }

    /// How many letters must be put in, left out or changed (Levenshtein); `limit + 1` stands for anything more.
    static func distance(_ left: String, _ right: String, limit: Int) -> Int {
        let (left, right) = (Array(left.utf8), Array(right.utf8))
        guard abs(left.count - right.count) <= limit else { return limit + 1 }
        var row = Array(0...right.count)
        for (index, letter) in left.enumerated() {
            var diagonal = row[0]
            row[0] = index + 1
            for (column, other) in right.enumerated() {
                let changed = diagonal + (letter == other ? 0 : 1)
                diagonal = row[column + 1]
                row[column + 1] = min(changed, row[column] + 1, diagonal + 1)
            }
        }
        return min(row.last ?? 0, limit + 1)
    }
}
