internal import LiveKitCore
internal import LiveKitProtobuf

// Methods of participants, called by the API.

extension RoomState {
    /// Sends a call to a participant. Its answer is told by an effect with the same id.
    mutating func performRPC(_ request: Livekit_PerformRpcRequest, now: MediaInstant) throws(RPCFailure) -> String {
        guard let sid = sidByIdentity[request.destinationIdentity], participants[sid]?.isForwarded == false else {
            throw .recipientNotFound
        }
        guard request.payload.utf8.count <= RoomBounds.rpcPayloadBytes else { throw .payloadTooLarge }
        guard pendingRPCs.count < RoomBounds.pendingRPCs else { throw .sendFailed }
        let wanted = MediaDuration.milliseconds(Int64(request.responseTimeoutMs))
        let timeout = wanted > .zero ? min(wanted, RoomBounds.longestRPCResponse) : RoomBounds.rpcResponse
        let id = makeIdentifier("RPC_")
        pendingRPCs[id] = PendingRPC(
            destination: sid, acknowledgedBy: now + RoomBounds.rpcAcknowledgement, answeredBy: now + timeout)
        var packet = Livekit_DataPacket()
        packet.kind = .reliable
        // The participant answers to whoever called: nobody of that name is in the room, so the answer comes here.
        packet.participantIdentity = id
        packet.rpcRequest.id = id
        packet.rpcRequest.method = request.method
        packet.rpcRequest.payload = request.payload
        packet.rpcRequest.responseTimeoutMs = UInt32(clamping: timeout.milliseconds)
        packet.rpcRequest.version = 1
        send(packet, .reliable, to: [sid])
        return id
    }

    /// Takes what a participant answers to a call of the API. Returns `false` for a packet that is somebody else's.
    mutating func receiveRPC(_ packet: Livekit_DataPacket, from sid: ParticipantSID) -> Bool {
        switch packet.value {
        case .rpcAck(let acknowledgement):
            guard pendingRPCs[acknowledgement.requestID]?.destination == sid else { return false }
            pendingRPCs[acknowledgement.requestID]?.acknowledgedBy = nil
            return true
        case .rpcResponse(let response):
            guard pendingRPCs[response.requestID]?.destination == sid else { return false }
            finishRPC(response.requestID, Self.result(response))
            return true
        default:
            return false
        }
    }

    private static func result(_ response: Livekit_RpcResponse) -> Result<String, RPCFailure> {
        switch response.value {
        case .payload(let payload): .success(payload)
        case .error(let error): .failure(RPCFailure(code: error.code, message: error.message, data: error.data))
        // A call of version 1 is answered in plain text.
        case .compressedPayload, nil: .failure(RPCFailure(code: 1500, message: "the answer cannot be read"))
        }
    }

    /// Ends the calls of somebody who left, or of all when the room ends.
    mutating func failRPCs(to sid: ParticipantSID? = nil) {
        for (id, rpc) in pendingRPCs where sid == nil || rpc.destination == sid {
            finishRPC(id, .failure(.recipientDisconnected))
        }
    }

    mutating func timeOutRPCs(now: MediaInstant) {
        for (id, rpc) in pendingRPCs {
            if let acknowledgedBy = rpc.acknowledgedBy, now >= acknowledgedBy {
                finishRPC(id, .failure(.connectionTimeout))
            } else if now >= rpc.answeredBy {
                finishRPC(id, .failure(.responseTimeout))
            }
        }
    }

    private mutating func finishRPC(_ id: String, _ result: Result<String, RPCFailure>) {
        guard pendingRPCs.removeValue(forKey: id) != nil else { return }
        emit(.rpcAnswered(RPCAnswer(id: id, result: result)))
    }
}
