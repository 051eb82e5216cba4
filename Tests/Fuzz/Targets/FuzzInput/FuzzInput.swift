extension [UInt8] {
    /// Copies what the fuzzer hands over, so that a read past its end is seen in any form of reading.
    public init(fuzzing start: UnsafeRawPointer, count: Int) {
        self = unsafe Array(UnsafeRawBufferPointer(start: start, count: count))
    }
}
