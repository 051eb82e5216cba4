import ArgumentParser

/// A picture's size as it is written on the command line: `640x360`.
struct PictureSize: ExpressibleByArgument, CustomStringConvertible {
    let width: Int
    let height: Int

    init(width: Int, height: Int) {
        self.width = width
        self.height = height
    }

    init?(argument: String) {
        let sides = argument.lowercased().split(separator: "x").compactMap { Int($0) }
        guard sides.count == 2, sides.allSatisfy({ (16...4096).contains($0) }) else { return nil }
        self.init(width: sides[0], height: sides[1])
    }

    var description: String { "\(width)x\(height)" }
    var defaultValueDescription: String { description }
}
