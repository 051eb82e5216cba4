/// How a connection controls what it sends.
package struct CongestionControlConfiguration: Hashable, Sendable {
    package var estimator = SendSideBandwidthEstimator.Configuration()
    /// How what is sent is spaced; `nil` sends everything at once, and probes between with padding.
    package var pacer: Pacer.Configuration? = Pacer.Configuration()

    package init() {}
}
