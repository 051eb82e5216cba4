internal import LiveKitProtobuf
internal import LiveKitRTC

// Offers, answers, candidates.
extension RoomSession {
    /// The server offers what it will send.
    func receive(offer: Livekit_SessionDescription) async {
        guard let subscriber else { return }
        do throws(LiveKitError) {
            let sdp = offer.sdp
            let answer = try await subscriber.perform { try $0.answer(sdp) }
            guard !isEnded else { return }
            updateReceivedTracks(answer.sections, names: offer.midToTrackID)
            var description = Livekit_SessionDescription()
            description.type = "answer"
            description.sdp = answer.sdp
            description.id = offer.id
            try send(.answer(description))
        } catch {
            end(error)
        }
    }

    func receive(answer: Livekit_SessionDescription) async {
        guard let publisher else { return }
        let sdp = answer.sdp
        do throws(LiveKitError) {
            try await publisher.perform { try $0.applyAnswer(sdp) }
            milestones.resolve(.answer(answer.id), .success(()))
            // Servers before the numbers came echo none.
            if answer.id == 0, let current = currentOffer { milestones.resolve(.answer(current), .success(())) }
        } catch {
            if let current = currentOffer { milestones.resolve(.answer(current), .failure(error)) }
        }
    }

    func receive(_ trickle: Livekit_TrickleRequest) {
        guard let candidate = ICECandidateInit.parse(trickle.candidateInit)?.candidate else { return }
        let transport = trickle.target == .publisher ? publisher : subscriber
        transport?.execute { $0.addCandidate(candidate) }
    }

    /// Tells the server of an address that gathering has found.
    func announce(candidate: String, of role: TransportRole) {
        var trickle = Livekit_TrickleRequest()
        trickle.candidateInit = ICECandidateInit(candidate: candidate, sdpMid: "0", sdpMLineIndex: 0).json
        trickle.target = role == .publisher ? .publisher : .subscriber
        // Without signalling the server finds us by our checks.
        try? send(.trickle(trickle))
    }

    /// Offers what was added or taken away, one offer after the other; returns when it is answered.
    func negotiate() async throws(LiveKitError) {
        while isNegotiating { try await wait(forNegotiation: ()) }
        isNegotiating = true
        defer {
            isNegotiating = false
            let waiters = negotiationWaiters
            negotiationWaiters = []
            for waiter in waiters { waiter.resume() }
        }
        guard let publisher, try await publisher.perform({ $0.connection.needsNegotiation }) else { return }
        try await offer(by: publisher)
    }

    private func wait(forNegotiation: Void) async throws(LiveKitError) {
        await withCheckedContinuation { negotiationWaiters.append($0) }
        guard !isEnded else { throw LiveKitError(.cancelled, message: "The session ended.") }
    }

    private func offer(by publisher: MediaTransport) async throws(LiveKitError) {
        let offer = try await publisher.perform { try $0.offer() }
        var description = Livekit_SessionDescription()
        description.type = "offer"
        description.sdp = offer.sdp
        description.id = offer.id
        description.midToTrackID = offer.tracks
        currentOffer = offer.id
        defer { currentOffer = nil }
        do throws(LiveKitError) {
            try send(.offer(description))
            try await wait(for: .answer(offer.id), timeout: RoomLimits.negotiationTimeout)
        } catch {
            publisher.execute { $0.connection.rollback() }
            throw error
        }
    }

    /// Makes sure that the connection that sends stands, and that everything added to it is agreed upon.
    func openPublisherConnection() async throws(LiveKitError) {
        guard let publisher else { throw LiveKitError(.invalidState, message: "The room is not connected.") }
        if !hasDataChannels {
            hasDataChannels = true
            try await publisher.perform { $0.openDataChannels() }
        }
        try await negotiate()
        guard transportStates[.publisher] != .connected else { return }
        try await wait(for: .connected(.publisher), timeout: connectOptions.publisherTransportConnectTimeout)
    }
}
