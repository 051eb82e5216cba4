import LiveKitTestCalls

extension Figure {
    /// A whole call whose pictures follow the estimate: 3 Mbit/s, after 20 s 300 kbit/s, after 50 s 3 Mbit/s again.
    static let congestedCall = Figure(
        name: "cliff", summary: "a call over 3 Mbit/s, 300 kbit/s, 3 Mbit/s: estimate, queue, pauses"
    ) { seeds in
        var areGoalsMet = true
        for queue in [300, 1000] as [Int64] {
            // A call that does not come about counts as the worst.
            let outcomes = try seeds.map { try CliffCall(queueMilliseconds: queue, seed: $0) }
            func row(_ title: String, _ quantity: (CliffCall) -> Double, isMet: (Double) -> Bool) -> FigureRow {
                FigureRow(title, outcomes.map { $0.map(quantity) ?? .infinity }, isMet: isMet)
            }
            let rows: [FigureRow] = [
                .heading(
                    "cliff  call over 3 Mbit/s → 300 kbit/s → 3 Mbit/s, queue of \(queue) ms (\(seeds.count) seeds)"),
                row(
                    "estimate before, % of capacity, goal 80", { $0.shareBefore * 100 }, isMet: { $0 >= 80 && $0 < 200 }
                ),
                row("s until the estimate stays ≤ 110 %, goal 3", \.secondsToFall, isMet: { $0 <= 3 }),
                row("s until the queue stays < 200 ms, goal 5", \.secondsToDrain, isMet: { $0 <= 5 }),
                row("s until ≥ 80 % after restore, goal 20", \.secondsToReturn, isMet: { $0 <= 20 }),
                row("longest pause of pictures, s, goal 2", \.longestPause, isMet: { $0 <= 2 }),
            ]
            for row in rows { print(row.text) }
            areGoalsMet = areGoalsMet && rows.allSatisfy(\.isMet)
        }
        return areGoalsMet
    }
}
