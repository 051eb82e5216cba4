import LiveKitProtobuf
import LiveKitRTC
import Testing

@testable import LiveKitClient

@Suite("Rates at which a layer is of use")
struct LayerBoundsTests {
    private func bounds(_ width: Int, _ height: Int, _ kilobits: Int, rid: String? = "q") -> [Int64] {
        let bounds = LayerBounds(
            VideoLayerPlan(
                rid: rid, quality: .low, dimensions: Dimensions(width: width, height: height),
                encoding: VideoEncoding(maxBitrate: kilobits * 1000, maxFps: 30)))
        return [bounds.minimum.kilobits, bounds.target.kilobits, bounds.maximum.kilobits]
    }

    @Test("LiveKit's layers of a 720p picture")
    func usualLayers() {
        #expect(bounds(320, 180, 160) == [30, 150, 160])
        #expect(bounds(640, 360, 450) == [150, 450, 450])
        #expect(bounds(1280, 720, 1700) == [600, 1700, 1700])
    }

    @Test("Sizes in between have rates in between; the largest and smallest are no exception")
    func interpolates() {
        #expect(bounds(800, 450, 2000)[0] == 240)
        #expect(bounds(3840, 2160, 8000) == [800, 6000, 8000])
        #expect(bounds(160, 90, 90) == [30, 67, 90])
        #expect(bounds(1, 1, 1) == [1, 1, 1])
    }

    @Test("An encoding below the usual least lowers it")
    func lowEncodings() {
        #expect(bounds(1280, 720, 300) == [300, 300, 300])
    }

    @Test("The only picture of a track takes what there is")
    func singleLayer() {
        #expect(bounds(1280, 720, 1700, rid: nil) == [30, 1700, 1700])
    }
}
