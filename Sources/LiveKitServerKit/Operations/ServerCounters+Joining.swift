internal import LiveKitProtobuf

// Joins, the messages that follow, and what they come to: LiveKit's names and labels.
extension ServerCounters {
    /// How far a join came, in LiveKit's words.
    enum JoinState: String {
        /// The first answer was written.
        case signalConnected = "signal_connected"
        /// The room, or the node, did not take it.
        case signalFailed = "signal_failed"
        /// The request was wrong.
        case signalValidationFailed = "signal_validation_failed"
        /// The client was gone before the first answer.
        case signalWriteInitialResponseFailed = "signal_write_initial_response_failed"
        /// The room was asked.
        case rtcInit = "rtc_init"
        /// The participant is in the room.
        case rtcConnected = "rtc_connected"
        /// Its media connection stands, for the first time or again.
        case rtcActive = "rtc_active"
        /// Its media connection stood for the first time.
        case rtcSuccess = "rtc_success"
        /// It left before that, as people do.
        case rtcCanceled = "rtc_canceled"
        /// It left before that for no good reason.
        case rtcFailure = "rtc_failure"
    }

    func joining(_ state: JoinState) {
        count("livekit_participant_join_total", [("state", state.rawValue)]).increment()
    }

    /// An operation went well, or failed at something.
    func operation(_ type: String, error: String? = nil) {
        let labels = [("type", type), ("status", error == nil ? "success" : "error"), ("error_type", error ?? "")]
        count("livekit_node_service_operation", labels).increment()
    }

    /// A message was queued for its client, or the client is too slow for it.
    func queued(_ message: Livekit_SignalResponse.OneOf_Message, succeeded: Bool) {
        switch message {
        case .offer: operation("offer", error: succeeded ? nil : "write_message")
        case .answer: operation("answer", error: succeeded ? nil : "write_message")
        default: break
        }
    }
}
