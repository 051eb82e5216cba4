internal import LiveKitRTCTransport
internal import Synchronization

/// The control half's handle of a ``RoomForwarder``, which lives on the loop.
final class ForwardedRoom: RoomMedia {
    let loop: MediaLoop
    /// Only ever touched on the loop.
    let forwarder: LoopBound<RoomForwarder>

    init(
        loop: MediaLoop, environment: PeerEnvironment, report: @escaping @Sendable ([MediaEvent]) -> Void
    ) {
        self.loop = loop
        let forwarder = LoopBound<RoomForwarder>()
        self.forwarder = forwarder
        loop.execute { core in
            forwarder.set(RoomForwarder(core: core, environment: environment, report: report), on: core)
        }
    }

    func send(_ commands: [MediaCommand]) {
        let forwarder = forwarder
        loop.execute { core in forwarder.value(on: core)?.execute(commands) }
    }

    func move(_ participant: ParticipantSID, to other: any RoomMedia) -> Bool {
        // Peer connections never leave their loop.
        guard let other = other as? ForwardedRoom, other.loop === loop else { return false }
        let (source, destination) = (forwarder, other.forwarder)
        loop.execute { core in
            guard let destination = destination.value(on: core) else { return }
            source.value(on: core)?.move(participant, to: destination)
        }
        return true
    }

    func lend(_ track: TrackSID, to other: any RoomMedia) -> Bool {
        guard let other = other as? ForwardedRoom, other.loop === loop else { return false }
        let (source, destination) = (forwarder, other.forwarder)
        loop.execute { core in
            guard let destination = destination.value(on: core) else { return }
            source.value(on: core)?.lend(track, to: destination)
        }
        return true
    }

    func close() {
        let forwarder = forwarder
        loop.execute { core in
            forwarder.value(on: core)?.close()
            forwarder.set(nil, on: core)
        }
    }
}
