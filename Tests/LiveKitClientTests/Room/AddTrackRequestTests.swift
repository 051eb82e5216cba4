import LiveKitProtobuf
import Testing

@testable import LiveKitClient

@Suite("How a track is announced")
struct AddTrackRequestTests {
    @Test("A video track names its layers twice: for old servers and with the codec")
    func video() {
        let dimensions = Dimensions(width: 1280, height: 720)
        let track = LocalVideoTrack.createBufferTrack(name: "cam", dimensions: dimensions)
        var options = VideoPublishOptions()
        options.name = "other"
        options.streamName = "pair"
        let plan = SimulcastLayers.plan(dimensions, options: options)
        let request = Livekit_AddTrackRequest(track, clientID: "cid", layers: plan, options: options)
        #expect(request.cid == "cid")
        #expect(request.name == "other")
        #expect(request.type == .video)
        #expect(request.source == .camera)
        #expect(request.stream == "pair")
        #expect(request.width == 1280 && request.height == 720)
        #expect(request.layers.map(\.rid) == ["q", "h", "f"])
        #expect(request.layers.map(\.quality) == [.low, .medium, .high])
        #expect(request.layers.map(\.spatialLayer) == [0, 1, 2])
        #expect(request.simulcastCodecs.first?.codec == "vp8")
        #expect(request.simulcastCodecs.first?.cid == "cid")
        #expect(request.simulcastCodecs.first?.layers == request.layers)
    }

    @Test("An audio track says whether it is stereo and sends all of its silence")
    func audio() throws {
        let track = try LocalAudioTrack.createTrack(channels: 2)
        let request = Livekit_AddTrackRequest(track, clientID: "cid", options: AudioPublishOptions(dtx: false))
        #expect(request.type == .audio)
        #expect(request.source == .microphone)
        #expect(request.audioFeatures == [.tfStereo, .tfNoDtx])
        #expect(!request.disableRed)
        #expect(throws: LiveKitError.self) { try LocalAudioTrack.createTrack(channels: 3) }
    }

    @Test("A refused request becomes an error of its kind, an accepted one none")
    func replies() {
        var reply = Livekit_RequestResponse()
        #expect(RoomSession.error(for: reply) == nil)
        reply.reason = .queued
        #expect(RoomSession.error(for: reply) == nil)
        reply.reason = .notAllowed
        #expect(RoomSession.error(for: reply)?.type == .insufficientPermissions)
        reply.reason = .limitExceeded
        #expect(RoomSession.error(for: reply)?.type == .invalidParameter)
    }

    @Test("The server's reasons for an end become errors of LiveKit's numbers")
    func reasons() {
        #expect(DisconnectReason(.clientInitiated).error == nil)
        #expect(DisconnectReason(.duplicateIdentity).error?.type.rawValue == 500)
        #expect(DisconnectReason(.serverShutdown).error?.type.rawValue == 501)
        #expect(DisconnectReason(.participantRemoved).error?.type.rawValue == 502)
        #expect(DisconnectReason(.roomDeleted).error?.type.rawValue == 503)
        #expect(DisconnectReason(.stateMismatch).error?.type.rawValue == 504)
        #expect(DisconnectReason(.joinFailure).error?.type.rawValue == 505)
    }
}
