import Foundation
import LiveKitCore
import LiveKitProtobuf
import LiveKitRTC
import LiveKitRTCTransport
import Testing

@testable import LiveKitClient

/// A video track of a real client's whose frames the test makes: what they begin and end with matters, no decoder.
final class HandmadeTrack: MediaSender {
    /// Where the track is reached from outside its client's media loop.
    struct Handle: Sendable {
        fileprivate let transport: MediaTransport
        fileprivate let place: LoopBound<HandmadeTrack>

        /// Sends one frame.
        func send(_ frame: Frame) async throws {
            try await transport.perform { peer in place.value(on: peer.core)?.send(frame, through: peer) }
        }

        /// Sends thirty frames a second, made by `frame` from their number, until cancelled.
        func run(_ frame: (Int) -> Frame) async {
            let start = ContinuousClock.now
            var count = 0
            while !Task.isCancelled {
                try? await send(frame(count))
                count += 1
                try? await Task.sleep(until: start + .microseconds(33_333) * count, clock: .continuous)
            }
        }

        /// When the server asked for key frames.
        var keyframeRequests: [MediaInstant] {
            get async throws {
                try await transport.perform { peer in place.value(on: peer.core)?.keyframeRequests ?? [] }
            }
        }
    }

    struct Frame: Sendable {
        var isKeyframe = false
        var temporalID: UInt8 = 0
        var isLayerSync = false
        /// Behind the first octets of the picture.
        var ending: [UInt8] = []
    }

    let clientID: String
    private let stream: RTPStreamSender
    private var packetizer = VP8Packetizer(maximumPayloadSize: 1188, pictureID: 0x7FF0, hasTemporalLayers: true)
    private var timestamp: UInt32 = 1
    private var keyframeRequests: [MediaInstant] = []
    private unowned let transport: PeerTransport

    private init(clientID: String, transport: PeerTransport) {
        self.clientID = clientID
        self.transport = transport
        let connection = transport.connection
        stream = RTPStreamSender(
            ssrc: connection.unusedSSRC(), rtxSSRC: connection.unusedSSRC(), rid: nil, clockRate: 90_000,
            capacity: RTPLimits.retransmissionPacketsVideo)
    }

    /// Announces the track, and negotiates it.
    static func publish(
        by room: Room, _ announce: (inout Livekit_AddTrackRequest) -> Void = { _ in }
    ) async throws -> Handle {
        let session = try room.link.session
        let transport = try #require(await session.publisher)
        let clientID = UUID().uuidString.lowercased()
        var request = Livekit_AddTrackRequest()
        (request.cid, request.type, request.width, request.height) = (clientID, .video, 320, 180)
        announce(&request)
        try await session.send(.addTrack(request))
        let place = LoopBound<HandmadeTrack>()
        try await transport.perform { peer in
            let track = HandmadeTrack(clientID: clientID, transport: peer)
            place.set(track, on: peer.core)
            let encoding = SenderParameters.Encoding(
                ssrc: track.stream.outbound.ssrc, rtxSSRC: track.stream.rtxSSRC)
            _ = try peer.add(
                track,
                parameters: SenderParameters(
                    streamID: clientID, trackID: clientID, cname: peer.connection.canonicalName,
                    encodings: [encoding], codecs: ["VP8"]))
        }
        try await session.openPublisherConnection()
        return Handle(transport: transport, place: place)
    }

    private func send(_ frame: Frame, through transport: PeerTransport) {
        guard transport.connection.canSend else { return }
        // The inverse key frame bit, a filling, and what the test has behind it.
        let bytes = [frame.isKeyframe ? 0 : 1] + [UInt8](repeating: 0x5A, count: 200) + frame.ending
        timestamp &+= 3000
        packetizer.packetize(
            frameSize: bytes.count, temporalID: frame.temporalID, isLayerSync: frame.isLayerSync
        ) { piece in
            unsafe stream.send(timestamp: timestamp, marker: piece.isLast, through: transport) { room in
                let payload = piece.descriptor.encoded() + bytes[piece.range]
                unsafe room.copyBytes(from: payload)
                return payload.count
            }
        }
        transport.didSend()
    }

    // MARK: MediaSender

    var kind: SectionKind { .video }
    var streams: [OutboundStream] { [stream.outbound] }
    var demand: BitrateSharing.Demand { .init(minimum: .zero, maximum: .zero) }

    func negotiated(_ section: NegotiatedSection, localTime now: MediaInstant) {
        guard let codec = section.codecs.first, !stream.isConfigured else { return }
        stream.configure(section, codec: codec)
    }

    func retransmit(_ missing: [SequenceNumber], of ssrc: SSRC, through transport: PeerTransport) {
        stream.retransmit(missing, through: transport)
    }

    func requestKeyframe(of ssrc: SSRC) { keyframeRequests.append(transport.core.now) }
    func receive(_ report: ReportBlock) {}
    func setRate(_ rate: Bitrate, isBacklogged: Bool) {}
}
