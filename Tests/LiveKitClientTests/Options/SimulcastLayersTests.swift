import LiveKitProtobuf
import Testing

@testable import LiveKitClient

@Suite("Simulcast layers by LiveKit's presets")
struct SimulcastLayersTests {
    private func plan(_ width: Int, _ height: Int, _ options: VideoPublishOptions = .init()) -> [VideoLayerPlan] {
        SimulcastLayers.plan(Dimensions(width: width, height: height), options: options)
    }

    @Test("A wide picture of 720 lines is sent in three sizes")
    func threeLayers() {
        let layers = plan(1280, 720)
        #expect(layers.map(\.rid) == ["q", "h", "f"])
        #expect(layers.map(\.quality) == [.low, .medium, .high])
        #expect(
            layers.map(\.dimensions) == [
                Dimensions(width: 320, height: 180), Dimensions(width: 640, height: 360),
                Dimensions(width: 1280, height: 720),
            ])
        #expect(layers.map(\.encoding.maxBitrate) == [160_000, 450_000, 1_700_000])
    }

    @Test("A wide picture of 360 lines is sent in two sizes")
    func twoLayers() {
        let layers = plan(640, 360)
        #expect(layers.map(\.rid) == ["q", "h"])
        #expect(layers.map(\.dimensions.width) == [320, 640])
    }

    @Test("A small picture is sent once, without a name")
    func oneLayer() {
        let layers = plan(320, 180)
        #expect(layers.map(\.rid) == [nil])
        #expect(layers.map(\.quality) == [.high])
    }

    @Test("Without simulcast there is one layer whatever the size")
    func withoutSimulcast() {
        var options = VideoPublishOptions()
        options.simulcast = false
        options.encoding = VideoEncoding(maxBitrate: 1_000_000, maxFps: 25)
        let layers = plan(1920, 1080, options)
        #expect(layers.count == 1)
        #expect(layers.first?.encoding == options.encoding)
    }

    @Test("A 4:3 picture has the 4:3 presets, an upright one keeps its shape")
    func otherShapes() {
        #expect(plan(960, 720).map(\.dimensions.width) == [240, 480, 960])
        let upright = plan(720, 1280)
        #expect(upright.map(\.dimensions.height) == [320, 640, 1280])
        #expect(upright.map(\.dimensions.width) == [180, 360, 720])
    }

    @Test("Layers that were asked for are used, but for those that are no smaller")
    func givenLayers() {
        var options = VideoPublishOptions()
        options.simulcastLayers = [.presetH90_169, .presetH1080_169]
        #expect(plan(1280, 720, options).map(\.dimensions.width) == [160, 1280])
    }

    @Test("Sides are even whatever the size")
    func evenSides() {
        for width in stride(from: 481, through: 2001, by: 38) {
            for layer in plan(width, width * 9 / 16).dropLast() {
                #expect(layer.dimensions.width % 2 == 0 && layer.dimensions.height % 2 == 0)
            }
        }
    }
}
