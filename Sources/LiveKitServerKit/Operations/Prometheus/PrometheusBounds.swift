/// What a ``PrometheusMetrics`` keeps at most, so that no label can eat the memory of process or of who reads it.
public enum PrometheusBounds {
    /// Names of metrics.
    public static let families = 500
    /// Series of one name. One more goes into a series that says `other` for each label.
    public static let seriesOfFamily = 200
    /// Bytes of a label's value; what is longer is cut.
    public static let labelValueBytes = 120
    /// Upper bounds of a histogram's buckets, where its name has none of its own: 1 to 10 000, as milliseconds need.
    public static let buckets: [Double] = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000]
}
