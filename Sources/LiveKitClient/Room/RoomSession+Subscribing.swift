internal import LiveKitMedia
internal import LiveKitProtobuf
internal import LiveKitRTC
internal import LiveKitRTCTransport

/// A section by which the server sends, and the track that comes by it.
struct ReceivedTrack: Sendable {
    let section: ReceivedSection
    let trackSID: String
    /// Whether the track is shown to the program.
    var isBound = false
}

// What we receive.
extension RoomSession {
    /// Takes over the sections of a new agreement: new tracks come, old ones go.
    func updateReceivedTracks(_ sections: [ReceivedSection], names: [String: String]) {
        var next: [String: ReceivedTrack] = [:]
        for section in sections {
            let sid = names[section.mid] ?? section.trackSID
            if let known = received[section.mid], known.trackSID == sid {
                next[section.mid] = known
            } else {
                next[section.mid] = ReceivedTrack(section: section, trackSID: sid)
            }
        }
        for (mid, track) in received where next[mid]?.trackSID != track.trackSID { unbind(track) }
        received = next
        bindReceivedTracks()
    }

    /// Shows tracks to the program whose publications are known.
    func bindReceivedTracks() {
        for (mid, track) in received {
            guard let (publication, participant) = room?.remotePublication(track.trackSID) else {
                // What went away may come again by the same section.
                received[mid]?.isBound = false
                continue
            }
            guard !track.isBound else { continue }
            received[mid]?.isBound = true
            bind(track, publication, participant)
        }
    }

    private func bind(
        _ received: ReceivedTrack, _ publication: RemoteTrackPublication, _ participant: RemoteParticipant
    ) {
        guard let subscriber, let room else { return }
        let track: Track
        switch received.section.kind {
        case .video: track = makeVideoTrack(received.section.mid, publication, subscriber)
        case .audio: track = makeAudioTrack(received.section.mid, publication, subscriber)
        case .application, .unsupported: return
        }
        track.set(sid: publication.sid)
        publication.set(track: track)
        room.hub.send(.trackSubscribed(publication, participant), of: room)
    }

    private func makeVideoTrack(
        _ mid: String, _ publication: RemoteTrackPublication, _ subscriber: MediaTransport
    ) -> RemoteVideoTrack {
        let place = LoopBound<VideoReceiver>()
        let output = VideoOutput {
            subscriber.execute { transport in
                place.value(on: transport.core)?.requestKeyframe(
                    connection: transport.connection, now: transport.core.now)
            }
        }
        subscriber.execute { transport in
            let receiver = VideoReceiver(mid: mid, output: output)
            place.set(receiver, on: transport.core)
            transport.setReceiver(receiver)
        }
        return RemoteVideoTrack(name: publication.name, source: publication.source, output: output) {
            let value = try? await subscriber.perform { place.value(on: $0.core)?.statistics($0.connection) }
            return value ?? nil
        }
    }

    private func makeAudioTrack(
        _ mid: String, _ publication: RemoteTrackPublication, _ subscriber: MediaTransport
    ) -> RemoteAudioTrack {
        let isStereo = publication.info.audioFeatures.contains(.tfStereo)
        let place = LoopBound<AudioReceiver>()
        let output = AudioOutput(channels: isStereo ? 2 : 1)
        subscriber.execute { transport in
            let receiver = AudioReceiver(mid: mid, output: output)
            place.set(receiver, on: transport.core)
            transport.setReceiver(receiver)
        }
        return RemoteAudioTrack(name: publication.name, source: publication.source, output: output) {
            let value = try? await subscriber.perform { place.value(on: $0.core)?.statistics($0.connection) }
            return value ?? nil
        }
    }

    private func unbind(_ received: ReceivedTrack) {
        guard received.isBound, let room,
            let (publication, participant) = room.remotePublication(received.trackSID)
        else { return }
        room.unsubscribed(publication, of: participant)
    }
}
