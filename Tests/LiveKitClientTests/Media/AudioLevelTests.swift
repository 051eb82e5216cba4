import LiveKitCore
import LiveKitMedia
import Testing

@testable import LiveKitClient

@Suite("The loudness of a buffer, RFC 6464")
struct AudioLevelTests {
    @Test("Silence is 127 and no speech")
    func silence() {
        let level = PCMBuffer(silence: 960, channels: 1).level
        #expect(level.level == 127 && !level.voiceActivity)
    }

    @Test("A sine of -20 dB peak is 23 dB below overload")
    func tone() {
        var tone = TestTone(frequency: 440, level: -20)
        let level = tone.next().level
        #expect((22...24).contains(level.level))
        #expect(level.voiceActivity)
    }
}
