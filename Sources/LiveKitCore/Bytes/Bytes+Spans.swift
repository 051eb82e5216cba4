extension [UInt8] {
    /// Copies the bytes of `span`.
    package init(copying span: RawSpan) {
        self = unsafe span.withUnsafeBytes { unsafe Array($0) }
    }

    /// The array's bytes as a raw span, for the decoders.
    package var rawSpan: RawSpan {
        @_lifetime(borrow self)
        get {
            let span = span
            return unsafe _overrideLifetime(span.bytes, borrowing: self)
        }
    }
}
