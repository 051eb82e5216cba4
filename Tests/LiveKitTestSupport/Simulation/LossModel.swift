/// Which datagrams vanish on a link.
package enum LossModel: Hashable, Sendable {
    case none
    /// Each with this probability, whatever happened to the one before.
    case random(Double)
    /// In bursts; see ``GilbertElliott``.
    case bursts(GilbertElliott)
}

/// The two-state loss model of Gilbert and Elliott: a link is good or bad, and may change before each datagram.
package struct GilbertElliott: Hashable, Sendable {
    /// Probability of turning bad while good.
    package var failure: Double
    /// Probability of turning good while bad: the mean burst has the inverse of it.
    package var recovery: Double
    package var lossWhileGood: Double
    package var lossWhileBad: Double

    package init(failure: Double, recovery: Double, lossWhileGood: Double = 0, lossWhileBad: Double = 1) {
        self.failure = failure
        self.recovery = recovery
        self.lossWhileGood = lossWhileGood
        self.lossWhileBad = lossWhileBad
    }

    /// The model that loses `fraction` of all datagrams in bursts of `meanBurst` on average.
    package init(losing fraction: Double, meanBurst: Double) {
        let recovery = 1 / max(meanBurst, 1)
        self.init(failure: recovery * fraction / (1 - fraction), recovery: recovery)
    }

    /// The fraction that is lost in the long run.
    package var fraction: Double {
        let bad = failure / (failure + recovery)
        return bad * lossWhileBad + (1 - bad) * lossWhileGood
    }
}
