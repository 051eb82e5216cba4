internal import Foundation
internal import LiveKitCore
internal import LiveKitProtobuf
internal import SwiftProtobuf

// Data packets: checked, stamped with their true sender, and sent to whom they are for.

extension RoomState {
    /// A message of a participant's data channel.
    mutating func receiveData(
        _ bytes: [UInt8], _ channel: DataChannelKind, from sid: ParticipantSID, now: MediaInstant
    ) {
        guard let sender = participants[sid] else { return }
        guard sender.permission.canPublishData else { return drop(sid, .notAllowed) }
        switch channel {
        case .reliable, .lossy:
            guard let packet = try? Livekit_DataPacket(serializedBytes: bytes) else { return drop(sid, .malformed) }
            forward(packet, channel, from: sender, now: now)
        case .other:
            forwardUnlabeled(bytes, from: sender)
        case .dataTrack:
            // They do not come up here.
            break
        }
    }

    private mutating func forward(
        _ original: Livekit_DataPacket, _ channel: DataChannelKind, from sender: RoomParticipant, now: MediaInstant
    ) {
        // Noted whatever becomes of the packet: a client that resumes goes on behind it.
        if channel == .reliable, original.sequence > 0 {
            guard original.sequence > sender.lastReliableSequence else { return drop(sender.sid, .repeated) }
            participants[sender.sid]?.lastReliableSequence = original.sequence
        }
        guard !receiveRPC(original, from: sender.sid) else { return }
        guard isForwardable(original, from: sender) else { return drop(sender.sid, .unsupported) }
        guard !isRepeated(original) else { return drop(sender.sid, .repeated) }
        var packet = original
        stamp(&packet, channel, from: sender)
        let receivers = receivers(of: packet, except: sender.sid)
        if case .streamHeader(let header) = packet.value {
            emit(.notice(.dataStreamBegan(DataStreamBeginning(header, receivers: receivers.count))))
        }
        guard let bytes = send(packet, channel, to: receivers), channel == .reliable, packet.sequence > 0 else {
            return
        }
        // In a large room the names of all would be more than the packet.
        let isForAll =
            receivers.count == order.count - 1 && packet.destinationIdentities.isEmpty
            && packet.user.destinationSids.isEmpty
        replayCache.insert(
            SentPacket(
                sender: sender.sid, sequence: packet.sequence, receivers: isForAll ? nil : receivers, bytes: bytes,
                at: now))
    }

    /// Only what clients may say goes on, and what newer clients say that is not known here; transcriptions come from
    /// agents alone.
    private func isForwardable(_ packet: Livekit_DataPacket, from sender: RoomParticipant) -> Bool {
        switch packet.value {
        case .none: !packet.unknownFields.data.isEmpty
        case .speaker: false
        case .transcription: sender.isAgent
        default: true
        }
    }

    /// A user packet whose nonce came before is the same packet again.
    private mutating func isRepeated(_ packet: Livekit_DataPacket) -> Bool {
        guard case .user(let user) = packet.value, user.nonce.count == RoomBounds.nonceBytes else { return false }
        let nonce = [UInt8](user.nonce)
        guard !recentNonces.contains(nonce) else { return true }
        if recentNonces.count >= RoomBounds.rememberedNonces { recentNonces.removeFirst() }
        recentNonces.append(nonce)
        return false
    }

    /// What is on any other channel is nobody's packet yet: it becomes one of its sender's, for everybody else.
    private mutating func forwardUnlabeled(_ bytes: [UInt8], from sender: RoomParticipant) {
        var packet = Livekit_DataPacket()
        packet.user.payload = Data(bytes)
        stamp(&packet, .reliable, from: sender)
        send(packet, .reliable, to: receivers(of: packet, except: sender.sid))
    }

    /// Overwrites whatever the packet says of its sender with what the server knows.
    private func stamp(_ packet: inout Livekit_DataPacket, _ channel: DataChannelKind, from sender: RoomParticipant) {
        packet.kind = channel == .lossy ? .lossy : .reliable
        let (identity, sid) = sender.isHidden ? ("", "") : (sender.identity, sender.sid.rawValue)
        packet.participantSid = sid
        if !packet.markAsGenerated(by: sender) { packet.participantIdentity = identity }
        guard case .user(var user) = packet.value else { return }
        user.participantIdentity = identity
        user.participantSid = sid
        if packet.destinationIdentities.isEmpty { packet.destinationIdentities = user.destinationIdentities }
        user.destinationIdentities = packet.destinationIdentities
        packet.value = .user(user)
    }

    private func receivers(of packet: Livekit_DataPacket, except sender: ParticipantSID?) -> [ParticipantSID] {
        var destinations = Set(packet.destinationIdentities.compactMap { sidByIdentity[$0] })
        var isAddressed = !packet.destinationIdentities.isEmpty
        if case .user(let user) = packet.value, !user.destinationSids.isEmpty {
            isAddressed = true
            destinations.formUnion(user.destinationSids.map(ParticipantSID.init(rawValue:)))
        }
        var needsMetricsGrant = false
        if case .metrics = packet.value { needsMetricsGrant = true }
        return order.filter { sid in
            sid != sender && (!isAddressed || destinations.contains(sid))
                && (!needsMetricsGrant || participants[sid]?.permission.canSubscribeMetrics == true)
        }
    }

    /// The packet's bytes, where there was somebody to send them to.
    @discardableResult
    mutating func send(
        _ packet: Livekit_DataPacket, _ channel: DataChannelKind, to receivers: [ParticipantSID]
    ) -> [UInt8]? {
        guard !receivers.isEmpty, let bytes: [UInt8] = try? packet.serializedBytes() else { return nil }
        var ready: [ParticipantSID] = []
        for sid in receivers {
            if channel == .reliable, participants[sid]?.isReliableChannelOpen == false {
                hold(bytes, for: sid)
            } else {
                ready.append(sid)
            }
        }
        if !ready.isEmpty { emit(.media(.sendData(to: ready, channel, bytes))) }
        return bytes
    }

    /// Reliable packets wait for a newcomer's channel.
    private mutating func hold(_ bytes: [UInt8], for sid: ParticipantSID) {
        let fallen = participants[sid]?.heldPackets.append(bytes) ?? 0
        for _ in 0..<fallen { drop(sid, .heldTooMuch) }
    }

    mutating func dataChannelOpened(_ channel: DataChannelKind, of sid: ParticipantSID) {
        guard channel == .reliable, let held = participants[sid]?.heldPackets.takeAll() else { return }
        participants[sid]?.isReliableChannelOpen = true
        for bytes in held {
            emit(.media(.sendData(to: [sid], .reliable, bytes)))
        }
    }

    /// `SendData` of the API: a user packet without a sender.
    mutating func sendData(_ request: Livekit_SendDataRequest) {
        var user = Livekit_UserPacket()
        user.payload = request.data
        user.destinationIdentities = request.destinationIdentities
        user.destinationSids = request.destinationSids
        user.nonce = request.nonce
        if request.hasTopic { user.topic = request.topic }
        var packet = Livekit_DataPacket()
        packet.kind = request.kind
        packet.destinationIdentities = request.destinationIdentities
        packet.value = .user(user)
        guard !isRepeated(packet) else { return }
        send(packet, request.kind == .lossy ? .lossy : .reliable, to: receivers(of: packet, except: nil))
    }

    private mutating func drop(_ sid: ParticipantSID, _ reason: DataDropReason) {
        emit(.notice(.dataDropped(sid, reason)))
    }
}

extension Livekit_DataPacket {
    /// Whether an agent says it for somebody else, as it may with chat messages and text streams. Those are marked.
    fileprivate mutating func markAsGenerated(by sender: RoomParticipant) -> Bool {
        guard sender.isAgent, !participantIdentity.isEmpty, participantIdentity != sender.identity else { return false }
        switch value {
        case .chatMessage:
            chatMessage.generated = true
            return true
        case .streamHeader(let header):
            guard case .textHeader = header.contentHeader else { return false }
            streamHeader.textHeader.generated = true
            return true
        default:
            return false
        }
    }
}
