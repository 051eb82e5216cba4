/// Scaling, for the smaller layers of a simulcast and for receivers that show a picture in another size.
extension I420Frame {
    /// The frame at half its width and height (rounded down, at least 1), each pixel the mean of four.
    public func halved() -> I420Frame {
        scaled(toWidth: max(1, width / 2), height: max(1, height / 2))
    }

    /// The frame at a quarter of its width and height (rounded down, at least 1).
    public func quartered() -> I420Frame {
        scaled(toWidth: max(1, width / 4), height: max(1, height / 4))
    }

    /// The frame in another size.
    ///
    /// Shrinks by averaging two by two while the target is at most half the size, and does the rest by
    /// linear interpolation, so that fine detail is averaged and not sampled away.
    ///
    /// - Precondition: both sides are in `1...maximumDimension`.
    public func scaled(toWidth targetWidth: Int, height targetHeight: Int) -> I420Frame {
        if targetWidth == width && targetHeight == height { return self }
        var target = I420Frame(
            width: targetWidth, height: targetHeight, timestampNanoseconds: timestampNanoseconds)
        scale(into: &target)
        return target
    }

    /// Scales the picture into a frame that is already there, as ``scaled(toWidth:height:)`` does.
    public func scale(into target: inout I420Frame) {
        target.timestampNanoseconds = timestampNanoseconds
        for plane in Plane.allCases {
            var picture = PlanePixels(copying: self, plane)
            let targetWidth = target.width(of: plane)
            let targetHeight = target.height(of: plane)
            while picture.width >= targetWidth * 2 - 1 && picture.width > 1 && picture.height > 1
                && picture.height >= targetHeight * 2 - 1
            {
                picture = picture.halved(width: targetWidth, height: targetHeight)
            }
            if picture.width != targetWidth || picture.height != targetHeight {
                picture = picture.interpolated(width: targetWidth, height: targetHeight)
            }
            let range = target.range(of: plane)
            unsafe target.withUnsafeMutablePixels { pixels in
                let slice = unsafe UnsafeMutableBufferPointer(rebasing: pixels[range])
                unsafe picture.pixels.withUnsafeBufferPointer { source in
                    _ = unsafe slice.update(fromContentsOf: source)
                }
            }
        }
    }
}

/// The pixels of one plane on their way from one size to another.
struct PlanePixels {
    let width: Int
    let height: Int
    let pixels: [UInt8]

    init(copying frame: I420Frame, _ plane: I420Frame.Plane) {
        width = frame.width(of: plane)
        height = frame.height(of: plane)
        pixels = Array(frame.bytes[frame.range(of: plane)])
    }

    init(width: Int, height: Int, pixels: [UInt8]) {
        self.width = width
        self.height = height
        self.pixels = pixels
    }

    /// Averages two by two. An odd last row or column is dropped, or counted twice where the target
    /// (a chroma plane whose half was rounded up) still needs it.
    func halved(width targetWidth: Int, height targetHeight: Int) -> PlanePixels {
        let newWidth = targetWidth * 2 == width + 1 ? targetWidth : width / 2
        let newHeight = targetHeight * 2 == height + 1 ? targetHeight : height / 2
        let whole = min(newWidth, width / 2)
        let result = unsafe [UInt8](unsafeUninitializedCapacity: newWidth * newHeight) { output, count in
            unsafe pixels.withUnsafeBufferPointer { input in
                guard let source = input.baseAddress, let target = output.baseAddress else { return }
                for row in 0..<newHeight {
                    let upper = unsafe source + row * 2 * width
                    let lower = unsafe source + min(row * 2 + 1, height - 1) * width
                    let line = unsafe target + row * newWidth
                    for column in 0..<whole {
                        let left = unsafe Int(upper[column &* 2]) &+ Int(lower[column &* 2])
                        let right = unsafe Int(upper[column &* 2 &+ 1]) &+ Int(lower[column &* 2 &+ 1])
                        unsafe line[column] = UInt8(truncatingIfNeeded: (left &+ right &+ 2) >> 2)
                    }
                    if whole < newWidth {
                        let sum = unsafe Int(upper[width - 1]) + Int(lower[width - 1])
                        unsafe line[whole] = UInt8(truncatingIfNeeded: (sum + 1) >> 1)
                    }
                }
            }
            count = newWidth * newHeight
        }
        return PlanePixels(width: newWidth, height: newHeight, pixels: result)
    }

    /// Interpolates linearly between pixel centres, in 8-bit fractions.
    func interpolated(width newWidth: Int, height newHeight: Int) -> PlanePixels {
        let columns = Self.taps(from: width, to: newWidth)
        let rows = Self.taps(from: height, to: newHeight)
        let result = unsafe [UInt8](unsafeUninitializedCapacity: newWidth * newHeight) { output, count in
            unsafe pixels.withUnsafeBufferPointer { source in
                for (row, vertical) in rows.enumerated() {
                    let upper = vertical.first * width
                    let lower = vertical.second * width
                    for (column, tap) in columns.enumerated() {
                        let top =
                            unsafe Int(source[upper + tap.first]) * (256 - tap.weight)
                            + Int(source[upper + tap.second]) * tap.weight
                        let bottom =
                            unsafe Int(source[lower + tap.first]) * (256 - tap.weight)
                            + Int(source[lower + tap.second]) * tap.weight
                        let value = top * (256 - vertical.weight) + bottom * vertical.weight
                        unsafe output[row * newWidth + column] = UInt8(truncatingIfNeeded: (value + 32_768) >> 16)
                    }
                }
            }
            count = newWidth * newHeight
        }
        return PlanePixels(width: newWidth, height: newHeight, pixels: result)
    }

    /// Which two pixels each target pixel lies between, and the weight of the second in 1/256.
    private static func taps(from size: Int, to target: Int) -> [(first: Int, second: Int, weight: Int)] {
        (0..<target).map { index in
            // The centre of the target pixel in source pixels, times 256.
            let centre = ((2 * index + 1) * size * 128) / target - 128
            let clamped = min(max(centre, 0), (size - 1) * 256)
            let first = clamped >> 8
            return (first: first, second: min(first + 1, size - 1), weight: clamped & 255)
        }
    }
}
