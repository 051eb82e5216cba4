internal import Foundation
internal import LiveKitProtobuf
internal import LiveKitRTC
internal import SwiftProtobuf

// Data messages, and changes of our own details.
extension RoomSession {
    func publish(_ data: [UInt8], options: DataPublishOptions?) async throws(LiveKitError) {
        let options = options ?? roomOptions.defaultDataPublishOptions
        guard room?.localParticipant.permissions.canPublishData ?? false else {
            throw LiveKitError(.insufficientPermissions, message: "The token does not grant canPublishData.")
        }
        let label = options.reliable ? DataChannelLabel.reliable : DataChannelLabel.lossy
        try await openPublisherConnection()
        if !openChannels.contains(label) {
            try await wait(for: .channel(label), timeout: connectOptions.publisherTransportConnectTimeout)
        }
        let bytes = try envelope(data, options)
        try await send(bytes, label: label)
    }

    private func envelope(_ data: [UInt8], _ options: DataPublishOptions) throws(LiveKitError) -> [UInt8] {
        var packet = Livekit_DataPacket()
        packet.kind = options.reliable ? .reliable : .lossy
        packet.destinationIdentities = options.destinationIdentities.map(\.stringValue)
        packet.participantIdentity = room?.localParticipant.info.identity ?? ""
        var user = Livekit_UserPacket()
        user.payload = Data(data)
        if let topic = options.topic { user.topic = topic }
        // Servers before version 1.5.4 look here for who receives it.
        user.destinationIdentities = packet.destinationIdentities
        packet.user = user
        if options.reliable {
            reliableSequence &+= 1
            packet.sequence = reliableSequence
        }
        do { return try packet.serializedBytes() } catch { throw .wrapping(error, as: .failedToConvertData) }
    }

    /// Sends, and waits a while when too much waits already and the message must arrive.
    private func send(_ bytes: [UInt8], label: String) async throws(LiveKitError) {
        for _ in 0..<RoomLimits.channelRetries {
            guard let publisher else { throw LiveKitError(.invalidState, message: "The room is not connected.") }
            let refusal = try await publisher.perform { transport -> SCTPSendError? in
                do throws(SCTPSendError) {
                    try transport.send(bytes, label: label)
                    return nil
                } catch { return error }
            }
            switch refusal {
            case nil: return
            case .bufferFull:
                // A lossy message may as well be lost here.
                if label == DataChannelLabel.lossy { return }
                guard (try? await Task.sleep(for: RoomLimits.channelRetryInterval)) != nil else {
                    throw LiveKitError(.cancelled)
                }
            case .tooLarge(let limit):
                throw LiveKitError(.invalidParameter, message: "The message is over the limit of \(limit) bytes.")
            case .closed, .noFreeChannel, .labelTooLong:
                throw LiveKitError(.invalidState, message: "The data channel is closed.")
            }
        }
        throw LiveKitError(.invalidState, message: "Too much data waits to be sent.")
    }

    func receive(message bytes: [UInt8], label: String) {
        // A packet of a kind that we do not know is none of ours.
        guard let room, let packet = try? Livekit_DataPacket(serializedBytes: bytes) else { return }
        guard isNew(packet) else { return }
        switch packet.value {
        case .user(let user):
            let identity = packet.participantIdentity.isEmpty ? user.participantIdentity : packet.participantIdentity
            let sender = room.remoteParticipants[Participant.Identity(from: identity)]
            room.hub.send(.dataReceived([UInt8](user.payload), topic: user.topic, from: sender), of: room)
        default: break
        }
    }

    /// Reliable messages count up for each sender; a repeat after a server's change of mind is dropped.
    private func isNew(_ packet: Livekit_DataPacket) -> Bool {
        guard packet.sequence > 0, !packet.participantSid.isEmpty else { return true }
        if let newest = newestMessages[packet.participantSid], packet.sequence <= newest { return false }
        if newestMessages.count >= RoomLimits.rememberedSenders { newestMessages = [:] }
        newestMessages[packet.participantSid] = packet.sequence
        return true
    }

    /// Changes our name, metadata or attributes, and waits for the server's answer.
    func updateDetails(_ change: @Sendable (inout Livekit_UpdateParticipantMetadata) -> Void) async throws(LiveKitError)
    {
        let info = room?.localParticipant.info ?? Livekit_ParticipantInfo()
        var request = Livekit_UpdateParticipantMetadata()
        // The fields have no "unchanged": what is not to change is said again.
        request.metadata = info.metadata
        request.name = info.name
        change(&request)
        request.requestID = nextRequestID
        nextRequestID &+= 1
        let number = request.requestID
        try send(.updateMetadata(request))
        let timer = Task { [weak self] in
            guard (try? await Task.sleep(for: RoomLimits.requestTimeout)) != nil else { return }
            await self?.expire(request: number)
        }
        defer { timer.cancel() }
        let result = await withCheckedContinuation { requestReplies.add(number, $0) }
        try result.get()
    }

    private func expire(request number: UInt32) {
        requestReplies.resolve(number, .failure(LiveKitError(.timedOut, message: "The server did not answer.")))
    }
}
