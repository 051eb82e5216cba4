import Testing

@testable import LiveKitServerKit

@Suite("Choice of the simulcast layer")
struct LayerSelectorTests {
    private let all = 0b111

    @Test func startsWithAnyKeyframeAtOrBelowTheWish() {
        var selector = LayerSelector(wanted: 2)
        #expect(selector.decide(layer: 0, startsKeyframe: false, available: all) == .skip)
        #expect(selector.decide(layer: 0, startsKeyframe: true, available: all) == .switchAndForward)
        #expect(selector.decide(layer: 0, startsKeyframe: false, available: all) == .forward)
        #expect(selector.target(available: all) == 2)
    }

    @Test func movesUpAtTheWantedKeyframeOnly() {
        var selector = LayerSelector(wanted: 2)
        _ = selector.decide(layer: 0, startsKeyframe: true, available: all)
        #expect(selector.decide(layer: 1, startsKeyframe: true, available: all) == .skip)
        #expect(selector.decide(layer: 2, startsKeyframe: false, available: all) == .skip)
        #expect(selector.decide(layer: 2, startsKeyframe: true, available: all) == .switchAndForward)
        #expect(selector.decide(layer: 0, startsKeyframe: true, available: all) == .skip)
        #expect(selector.target(available: all) == nil)
    }

    @Test func goesOnUntilTheLowerLayerHasAKeyframe() {
        var selector = LayerSelector(wanted: 2)
        _ = selector.decide(layer: 2, startsKeyframe: true, available: all)
        let asksForKeyframe = selector.want(0)
        #expect(asksForKeyframe)
        #expect(selector.decide(layer: 2, startsKeyframe: false, available: all) == .forward)
        #expect(selector.decide(layer: 0, startsKeyframe: true, available: all) == .switchAndForward)
        #expect(selector.decide(layer: 2, startsKeyframe: true, available: all) == .skip)
    }

    @Test func takesTheHighestThatSends() {
        var selector = LayerSelector(wanted: 2)
        _ = selector.decide(layer: 2, startsKeyframe: true, available: all)
        #expect(selector.target(available: 0b001) == 0)
        #expect(selector.decide(layer: 0, startsKeyframe: true, available: 0b001) == .switchAndForward)
        #expect(selector.target(available: 0b011) == 1)
    }

    @Test func neverTakesMoreThanWanted() {
        var selector = LayerSelector(wanted: 0)
        #expect(selector.decide(layer: 1, startsKeyframe: true, available: all) == .skip)
        #expect(selector.decide(layer: 0, startsKeyframe: true, available: all) == .switchAndForward)
    }

    @Test func beginsAnewAfterAPause() {
        var selector = LayerSelector(wanted: 1)
        _ = selector.decide(layer: 1, startsKeyframe: true, available: all)
        selector.reset()
        #expect(selector.decide(layer: 1, startsKeyframe: false, available: all) == .skip)
        #expect(selector.decide(layer: 1, startsKeyframe: true, available: all) == .switchAndForward)
    }
}
