internal import Foundation
internal import LiveKitCore

/// The time of day: tokens say from when on and until when they are valid.
enum WallClock {
    static var now: NumericDate { NumericDate(secondsSinceEpoch: Int64(Date().timeIntervalSince1970)) }
}
