/// Shares a video track's rate out among its layers: the lower ones first, each up to its target, the next only where
/// enough is left for its least; what is left over goes to the highest that is on.
///
/// A layer that is on stays on as long as its least is there; one that is off needs a fifth more, so that an estimate
/// that swings does not switch it back and forth: each switch costs a key frame. The lowest layer is never off: of less than
/// its least an encoder makes fewer pictures.
///
/// The facts are those of libwebrtc's simulcast rate allocator.
package struct LayerAllocation: Sendable {
    /// What one layer makes of a rate.
    package struct Layer: Hashable, Sendable {
        /// Below it the picture is of no use.
        package var minimum: Bitrate
        /// What it gets before the layer above gets anything.
        package var target: Bitrate
        /// What it gets at most, as the highest that is on.
        package var maximum: Bitrate
        /// Whether anybody wants it.
        package var isWanted: Bool

        package init(minimum: Bitrate, target: Bitrate, maximum: Bitrate, isWanted: Bool = true) {
            self.minimum = minimum
            self.target = target
            self.maximum = maximum
            self.isWanted = isWanted
        }
    }

    private static let hysteresis = 1.2
    /// What the lowest layer has in any case.
    package static let least = Bitrate.kilobits(10)

    /// The layers' rates, lowest layer first; zero for a layer that is off.
    package private(set) var rates: [Bitrate]

    package init(layerCount: Int) {
        rates = Array(repeating: .zero, count: layerCount)
    }

    /// Shares out `total` anew.
    package mutating func allocate(_ total: Bitrate, to layers: [Layer]) {
        var left = total
        var top: Int?
        for index in rates.indices {
            let wasOn = rates[index] > .zero
            rates[index] = .zero
            guard layers.indices.contains(index), layers[index].isWanted else { continue }
            let layer = layers[index]
            if top != nil {
                // A layer whose lower neighbour is off could not be decided on by what is left.
                let needed = wasOn ? layer.minimum : layer.minimum * Self.hysteresis
                guard left >= needed else {
                    left = .zero
                    continue
                }
            }
            rates[index] = min(left, layer.target)
            if top == nil { rates[index] = max(rates[index], min(Self.least, layer.minimum)) }
            left = left - rates[index]
            top = index
        }
        guard let top else { return }
        let spare = total - rates.reduce(.zero, +)
        rates[top] = min(rates[top] + spare, max(layers[top].maximum, rates[top]))
    }
}
