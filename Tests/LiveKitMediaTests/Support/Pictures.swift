import LiveKitCore
import LiveKitMedia

/// The likeness of two frames' luma in decibels; above 30 a person hardly sees a difference.
func peakSignalToNoise(_ left: I420Frame, _ right: I420Frame) -> Double {
    precondition(left.width == right.width && left.height == right.height)
    let (one, other) = (left.y, right.y)
    var sum = 0
    // Every third pixel is as good a judge as all of them.
    for index in stride(from: 0, to: one.count, by: 3) {
        let difference = Int(one[index]) - Int(other[index])
        sum += difference * difference
    }
    guard sum > 0 else { return .infinity }
    let meanSquare = Double(sum) / Double((one.count + 2) / 3)
    var decibels = 0.0
    var ratio = 65_025 / meanSquare
    // log10 without Foundation: ten steps of a decibel make a factor of ten.
    while ratio >= 1.258_925_412 {
        ratio /= 1.258_925_412
        decibels += 1
    }
    return decibels
}

/// A frame of noise, for codes that must carry every pixel.
func noise(width: Int, height: Int, seed: UInt64) -> I420Frame {
    var random = DeterministicRandom(seed: seed)
    var frame = I420Frame(width: width, height: height)
    for plane in I420Frame.Plane.allCases {
        frame.withMutablePlane(plane) { pixels in
            for index in pixels.indices { pixels[index] = UInt8(truncatingIfNeeded: random.next()) }
        }
    }
    return frame
}

/// Random bytes.
func randomBytes(_ count: Int, using random: inout DeterministicRandom) -> [UInt8] {
    (0..<count).map { _ in UInt8(truncatingIfNeeded: random.next()) }
}
