#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#else
internal import Darwin
#endif

/// The few functions of the C library that a tone needs.
enum Trigonometry {
    static func sine(_ angle: Double) -> Double { sin(angle) }
    static func cosine(_ angle: Double) -> Double { cos(angle) }
    static func naturalLogarithm(_ value: Double) -> Double { log(value) }
    static func decibels(_ amplitude: Double) -> Double { 20 * log10(amplitude) }
    static func amplitude(decibels: Double) -> Double { pow(10, decibels / 20) }
}
