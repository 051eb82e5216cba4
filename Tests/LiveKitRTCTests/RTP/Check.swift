import Testing

/// `#expect` for conditions that it cannot take apart: calls that mutate, or that touch noncopyable values.
func check(_ condition: Bool, sourceLocation: SourceLocation = #_sourceLocation) {
    #expect(condition, sourceLocation: sourceLocation)
}
