import LiveKitMedia
import Testing

@Suite("I420 frames")
struct I420FrameTests {
    @Test("The planes of odd sizes round up and fill the buffer")
    func planesFillTheBuffer() {
        let frame = I420Frame(width: 5, height: 3)
        #expect(frame.range(of: .y) == 0..<15)
        #expect(frame.range(of: .u) == 15..<21)
        #expect(frame.range(of: .v) == 21..<27)
        #expect(frame.bytes.count == 27)
        #expect(frame.y.count == 15 && frame.u.count == 6 && frame.v.count == 6)
    }

    @Test("Pixels of the wrong count are refused")
    func wrongCountIsRefused() {
        #expect(I420Frame(width: 4, height: 4, bytes: [UInt8](repeating: 0, count: 24)) != nil)
        #expect(I420Frame(width: 4, height: 4, bytes: [UInt8](repeating: 0, count: 23)) == nil)
        #expect(I420Frame(width: 0, height: 4, bytes: []) == nil)
        #expect(I420Frame(width: 20_000, height: 1, bytes: []) == nil)
    }

    @Test("A copy does not change with the original")
    func copiesAreValues() {
        var frame = I420Frame(width: 4, height: 4)
        let copy = frame
        frame.withMutablePlane(.v) { $0[0] = 7 }
        #expect(frame.bytes[20] == 7)
        #expect(copy.bytes[20] == 128)
    }

    @Test("Half the size is the mean of four pixels")
    func halvesByAveraging() throws {
        let luma: [UInt8] = [10, 20, 1, 1, 30, 40, 1, 2]
        let frame = try #require(I420Frame(width: 4, height: 2, bytes: luma + [100, 200, 50, 60]))
        let half = frame.halved()
        #expect(half.width == 2 && half.height == 1)
        #expect(Array(half.bytes) == [25, 1, 150, 55])
    }

    @Test("Even colour stays even at every size", arguments: [(1, 1), (3, 5), (160, 90), (90, 161), (333, 77)])
    func evenColourStaysEven(size: (Int, Int)) throws {
        var frame = I420Frame(width: 161, height: 91)
        for (plane, value) in [(I420Frame.Plane.y, UInt8(90)), (.u, 30), (.v, 200)] {
            frame.withMutablePlane(plane) { for index in $0.indices { $0[index] = value } }
        }
        let scaled = frame.scaled(toWidth: size.0, height: size.1)
        #expect(scaled.bytes[scaled.range(of: .y)].allSatisfy { $0 == 90 })
        #expect(scaled.bytes[scaled.range(of: .u)].allSatisfy { $0 == 30 })
        #expect(scaled.bytes[scaled.range(of: .v)].allSatisfy { $0 == 200 })
    }

    @Test("A ramp stays a ramp when it is interpolated")
    func rampStaysARamp() {
        var frame = I420Frame(width: 64, height: 2)
        frame.withMutablePlane(.y) { for index in $0.indices { $0[index] = UInt8(index % 64 * 3) } }
        let scaled = frame.scaled(toWidth: 100, height: 2)
        for column in 1..<99 {
            let expected = (Double(column) + 0.5) * 0.64 * 3 - 1.5
            #expect(abs(Double(scaled.bytes[column]) - expected) < 1.1)
        }
    }
}
