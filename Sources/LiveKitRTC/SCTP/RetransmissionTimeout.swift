internal import LiveKitCore

/// How long to wait for an answer, from the round trips seen.
///
/// - SeeAlso: [RFC 9260 §6.3.1](https://www.rfc-editor.org/rfc/rfc9260#section-6.3.1).
struct RetransmissionTimeout {
    private struct Estimate {
        var smoothed: MediaDuration
        var variation: MediaDuration
    }

    private let bounds: ClosedRange<MediaDuration>
    private let minimumVariation: MediaDuration
    private let maximumBackoff: MediaDuration
    private var estimate: Estimate?
    private(set) var value: MediaDuration

    init(configuration: SCTPConfiguration) {
        bounds = configuration.minimumTimeout...max(configuration.minimumTimeout, configuration.maximumTimeout)
        minimumVariation = configuration.minimumVariation
        maximumBackoff = configuration.maximumBackoff
        value = min(max(configuration.initialTimeout, bounds.lowerBound), bounds.upperBound)
    }

    /// The smoothed round trip, once one was measured.
    var roundTripTime: MediaDuration? { estimate?.smoothed }

    mutating func observe(roundTrip: MediaDuration) {
        guard roundTrip >= .zero else { return }
        var next = Estimate(smoothed: roundTrip, variation: roundTrip / 2)
        if let estimate {
            let error = max(estimate.smoothed, roundTrip) - min(estimate.smoothed, roundTrip)
            next.variation = (estimate.variation * 3 + error) / 4
            next.smoothed = (estimate.smoothed * 7 + roundTrip) / 8
        }
        estimate = next
        let margin = max(next.variation * 4, minimumVariation)
        value = min(max(next.smoothed + margin, bounds.lowerBound), bounds.upperBound)
    }

    /// The wait after `expirations` unanswered tries: doubled each time, within the bound.
    func backedOff(_ expirations: Int) -> MediaDuration {
        min(value * (1 << Int64(min(max(expirations, 0), 16))), max(maximumBackoff, value))
    }
}
