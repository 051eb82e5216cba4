internal import Foundation
internal import LiveKitCore
internal import LiveKitProtobuf

/// One side of a stream: what was sent and waits to be acknowledged, what came, and whether it is over.
///
/// A machine on given time. It does not order or repeat: each message is acknowledged by itself, in its time or not.
struct StreamState: Sendable {
    /// What an envelope turned out to be.
    enum Arrival: Equatable, Sendable {
        /// The other side has the message sent with this request.
        case acknowledged(String)
        /// To be acknowledged if it can be taken.
        case message(Data)
        case closed(RPCError)
        /// It came too late.
        case expired
        /// It says nothing new.
        case nothing
    }

    let id: String
    /// Why the stream is over.
    private(set) var closure: RPCError?
    private var unacknowledged: [String: MediaInstant] = [:]

    init(id: String) { self.id = id }

    /// When the earliest acknowledgement is given up.
    var deadline: MediaInstant? { unacknowledged.values.min() }

    /// A message to send, to be acknowledged within a time.
    mutating func send(
        _ payload: Data, requestID: String, timeout: MediaDuration, now: MediaInstant, unixNow: Int64
    ) throws(RPCError) -> PSRPCStream {
        if let closure { throw closure }
        guard unacknowledged.count < RPCBounds.unacknowledged else {
            throw RPCError(.resourceExhausted, "too many messages wait to be acknowledged")
        }
        unacknowledged[requestID] = now + timeout
        var envelope = blank(requestID, unixNow, unixNow &+ timeout.nanoseconds)
        envelope.message.rawMessage = payload
        return envelope
    }

    /// What says that a message has been taken. Its times are the message's own.
    func acknowledgement(of envelope: PSRPCStream) -> PSRPCStream {
        var acknowledgement = blank(envelope.requestID, envelope.sentAt, envelope.expiry)
        acknowledgement.ack = PSRPCStreamAck()
        return acknowledgement
    }

    /// Closes the stream, unless it is closed.
    ///
    /// - Returns: What to tell the other side.
    mutating func close(
        _ cause: RPCError, requestID: String, timeout: MediaDuration, unixNow: Int64
    ) -> PSRPCStream? {
        guard closure == nil else { return nil }
        end(cause)
        var envelope = blank(requestID, unixNow, unixNow &+ timeout.nanoseconds)
        envelope.close.error = cause.message
        envelope.close.code = cause.code.rawValue
        return envelope
    }

    mutating func receive(_ envelope: PSRPCStream, unixNow: Int64) -> Arrival {
        guard closure == nil else { return .nothing }
        guard unixNow < envelope.expiry else { return .expired }
        switch envelope.body {
        case .ack:
            guard unacknowledged.removeValue(forKey: envelope.requestID) != nil else { return .nothing }
            return .acknowledged(envelope.requestID)
        case .message(let message):
            return .message(message.rawMessage)
        case .close(let close):
            let code = close.code.isEmpty ? .unknown : RPCError.Code(rawValue: close.code)
            let cause = RPCError(code, close.error)
            end(cause)
            return .closed(cause)
        case .open, nil:
            return .nothing
        }
    }

    /// Gives up the acknowledgements whose time is over.
    ///
    /// - Returns: The requests they were for.
    mutating func handleTimeout(now: MediaInstant) -> [String] {
        let late = unacknowledged.filter { $0.value <= now }.keys
        for requestID in late { unacknowledged[requestID] = nil }
        return Array(late)
    }

    /// Nobody waits for this acknowledgement any more.
    mutating func forget(_ requestID: String) { unacknowledged[requestID] = nil }

    // MARK: Inside

    private mutating func end(_ cause: RPCError) {
        closure = cause
        unacknowledged = [:]
    }

    private func blank(_ requestID: String, _ sentAt: Int64, _ expiry: Int64) -> PSRPCStream {
        var envelope = PSRPCStream()
        envelope.streamID = id
        envelope.requestID = requestID
        envelope.sentAt = sentAt
        envelope.expiry = expiry
        return envelope
    }
}
