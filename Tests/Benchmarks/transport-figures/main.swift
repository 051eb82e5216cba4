import Glibc

/// Usage: transport-figures [all | FIGURE...] [--seeds 1...100]
/// Prints one line for each condition of a figure; the exit code is 1 when a goal was missed.

var names: [String] = []
var seeds: ClosedRange<UInt64> = 1...100

func usage(_ complaint: String) -> Never {
    let figures = Figure.all.map { "  \($0.name)  \($0.summary)" }.joined(separator: "\n")
    print("\(complaint)\nusage: transport-figures [all | FIGURE...] [--seeds 1...100]\n\(figures)")
    exit(2)
}

var words = CommandLine.arguments.dropFirst().makeIterator()
while let word = words.next() {
    guard word == "--seeds" else {
        names.append(word)
        continue
    }
    let bounds = (words.next() ?? "").split(separator: ".").compactMap { UInt64($0) }
    guard let first = bounds.first, let last = bounds.last, bounds.count <= 2, first <= last else {
        usage("--seeds wants a range such as 1...100")
    }
    seeds = first...last
}

let chosen = names.isEmpty || names == ["all"] ? Figure.all : Figure.all.filter { names.contains($0.name) }
guard names.isEmpty || names == ["all"] || chosen.count == names.count else { usage("no such figure") }

var areGoalsMet = true
for figure in chosen {
    do {
        areGoalsMet = try figure.measure(seeds) && areGoalsMet
    } catch {
        print("\(figure.name): \(error)")
        areGoalsMet = false
    }
    fflush(nil)
}
exit(areGoalsMet ? 0 : 1)
