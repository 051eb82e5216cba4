internal import LiveKitCore
internal import LiveKitRTC
internal import LiveKitRTCTransport

/// A room's forwarding half: peer connections, published tracks and who gets them. Confined to its loop.
///
/// It knows streams, layers and addresses; who may do what is decided above. Commands come in batches, events
/// leave in batches at the end of a turn.
final class RoomForwarder: TurnEnding {
    let core: MediaLoopCore
    let environment: PeerEnvironment
    private let report: @Sendable ([MediaEvent]) -> Void
    private(set) var participants: [ParticipantSID: ForwardedParticipant] = [:]
    var tracks: [TrackSID: PublishedTrack] = [:]
    /// Other rooms that have tracks of this one.
    var borrowers: [TrackSID: [TrackBorrower]] = [:]
    private(set) var dataTracks = DataTrackTable()
    private var events: [MediaEvent] = []
    /// Who may need an offer: looked at once, at the end of the turn.
    private var unsettled: Set<ParticipantSID> = []
    private var isEnding = false
    private var ticker: RoomTicker?
    private lazy var silence = SilencePacer(core: core)
    private var sampledAt: MediaInstant

    /// Receivers report each second, and more often would say little more.
    private static let samplePeriod = MediaDuration.seconds(2)

    init(core: MediaLoopCore, environment: PeerEnvironment, report: @escaping @Sendable ([MediaEvent]) -> Void) {
        self.core = core
        self.environment = environment
        self.report = report
        sampledAt = core.now
        ticker = RoomTicker(core: core, room: self)
    }

    // MARK: Commands

    func execute(_ commands: [MediaCommand]) {
        for command in commands { execute(command) }
        scheduleEnd()
    }

    private func execute(_ command: MediaCommand) {
        switch command {
        case .addParticipant(let sid, let options):
            guard participants[sid] == nil else { return }
            participants[sid] = ForwardedParticipant(sid: sid, options: options, room: self)
        case .removeParticipant(let sid):
            remove(sid)
        case .remoteOffer(let sid, let sdp, let id, let midToTrackCID):
            participants[sid]?.applyOffer(sdp, id: id, midToTrackCID: midToTrackCID)
        case .remoteAnswer(let sid, let sdp, let id):
            participants[sid]?.applyAnswer(sdp, id: id)
        case .remoteCandidate(let sid, let target, let candidate):
            participants[sid]?.addCandidate(candidate, target: target)
        case .restartICE(let sid):
            participants[sid]?.restartICE()
        case .allowUDP(let sid, let isAllowed):
            participants[sid]?.allowUDP(isAllowed)
        case .expectTrack(let sid, let track):
            participants[sid]?.expect(track)
        case .removeTrack(let sid):
            removeTrack(sid)
        case .setMuted(let sid, let isMuted):
            tracks[sid]?.setMuted(isMuted)
        case .subscribe(let sid, let track):
            subscribe(sid, to: track)
        case .unsubscribe(let sid, let track):
            participants[sid]?.removeDownTrack(track)
        case .setTrackSettings(let sid, let track, let settings):
            participants[sid]?.apply(settings, to: track)
        case .setChannelCapacity(let sid, let bitsPerSecond):
            participants[sid]?.overrideCapacity(bitsPerSecond.map { Bitrate(bitsPerSecond: $0) })
        case .openDataTrack(let sid, let handle, let track):
            dataTracks.open(track, publisher: sid, handle: handle)
        case .closeDataTrack(let track):
            dataTracks.close(track)
        case .subscribeData(let sid, let track, let handle, let framesPerSecond):
            dataTracks.subscribe(sid, to: track, handle: handle, framesPerSecond: framesPerSecond)
        case .unsubscribeData(let sid, let track):
            dataTracks.unsubscribe(sid, from: track)
        case .sendData(let recipients, let kind, let bytes):
            for recipient in recipients { participants[recipient]?.send(bytes, kind: kind) }
        }
    }

    private func subscribe(_ sid: ParticipantSID, to track: TrackSID) {
        guard let participant = participants[sid], let track = tracks[track] else { return }
        participant.addDownTrack(track)
    }

    private func remove(_ sid: ParticipantSID) {
        guard let participant = participants.removeValue(forKey: sid) else { return }
        for track in tracks.values where track.publisher === participant { removeTrack(track.sid) }
        report(participant.takeTally())
        participant.close()
        dataTracks.remove(sid)
    }

    /// A message of a participant's data channels: upwards, where it is judged, but for packets of data tracks.
    func receiveData(_ bytes: [UInt8], label: String, from sid: ParticipantSID) {
        let kind = DataChannelKind(label: label)
        guard kind == .dataTrack else { return emit(.data(sid, kind, bytes)) }
        dataTracks.forward(bytes, from: sid, now: core.now) { receiver, packet in
            participants[receiver]?.send(packet, kind: .dataTrack)
        }
    }

    /// Hands a participant over to another room of the same loop.
    func move(_ sid: ParticipantSID, to other: RoomForwarder) {
        guard other !== self, let participant = participants.removeValue(forKey: sid) else { return }
        for track in Array(participant.downTracks.keys) { participant.removeDownTrack(track) }
        for track in tracks.values where track.publisher === participant {
            for listener in participants.values { listener.removeDownTrack(track.sid) }
            recall(track.sid)
            tracks[track.sid] = nil
            other.tracks[track.sid] = track
        }
        // Its own data tracks are opened anew there, and what it is sent of others' here ends.
        dataTracks.remove(sid)
        participant.room = other
        other.participants[sid] = participant
        // What it sent in this turn still has to go out.
        other.scheduleNegotiation(of: sid)
    }

    func removeTrack(_ sid: TrackSID) {
        recall(sid)
        for participant in participants.values {
            participant.removeDownTrack(sid)
            participant.forget(sid)
        }
        tracks[sid] = nil
    }

    func close() {
        for track in Array(borrowers.keys) { recall(track) }
        for participant in participants.values { participant.close() }
        participants.removeAll()
        tracks.removeAll()
        ticker?.close()
        ticker = nil
        silence.close()
    }

    /// Has a muted track end in silence.
    func pace(_ track: DownTrack) { silence.add(track) }

    // MARK: Events

    func emit(_ event: MediaEvent) {
        events.append(event)
        scheduleEnd()
    }

    /// The description has the candidates too; old clients wait for them to be trickled.
    func emitCandidates(of connection: PeerConnection, participant: ParticipantSID, target: PeerTarget) {
        guard let bundle = connection.describedMIDs.first else { return }
        for candidate in connection.localCandidates {
            emit(.localCandidate(participant, target, candidate: candidate, mid: bundle, index: 0))
        }
    }

    /// Looks at the end of the turn whether the participant needs an offer.
    func scheduleNegotiation(of sid: ParticipantSID) {
        unsettled.insert(sid)
        scheduleEnd()
    }

    /// Asks for ``finishTurn(now:)`` once for each turn.
    func scheduleEnd() {
        guard !isEnding else { return }
        isEnding = true
        core.finishTurn(with: self)
    }

    func finishTurn(now: MediaInstant) {
        // Cleared at the end: what is emitted meanwhile still leaves with this turn, and nothing here can ask for
        // another one without end.
        defer { isEnding = false }
        for track in tracks.values { track.forwardBurst(now: now) }
        for sid in unsettled { participants[sid]?.negotiateIfNeeded() }
        unsettled.removeAll(keepingCapacity: true)
        guard !events.isEmpty else { return }
        report(events)
        events.removeAll(keepingCapacity: true)
    }

    private func report(_ tally: MediaTally) {
        if !tally.isEmpty { emit(.tally(tally)) }
    }

    /// Every 400 ms, or as often as `audio.update_interval` says.
    func tick(now: MediaInstant) {
        var tally = MediaTally()
        for participant in participants.values { tally += participant.takeTally() }
        report(tally)
        if now - sampledAt >= Self.samplePeriod {
            sampledAt = now
            let samples = tracks.values.filter { $0.publisher.room === self }.flatMap { $0.samples() }
            if !samples.isEmpty { emit(.streams(samples)) }
        }
        // Tracks of other rooms are loud there.
        let reports = tracks.values.filter { $0.publisher.room === self }.compactMap { $0.levelReport(now: now) }
        if !reports.isEmpty { emit(.audioLevels(reports)) }
        for track in tracks.values where track.publisher.room === self { track.sampleBitrates(now: now) }
        for participant in participants.values { participant.tick(now: now) }
    }
}
