internal import LiveKitProtobuf

/// Which workers there are on whatever node, as far as `CheckEnabled` told.
///
/// It does not tell which names go with which namespaces, so that a question for a worker may find nobody.
struct KnownAgents: Sendable {
    private struct Workers {
        var namespaces: Set<String> = []
        var names: Set<String> = []
    }

    private var workers: [Livekit_JobType: Workers] = [:]

    mutating func learn(_ response: Rpc_CheckEnabledResponse) {
        for (type, isEnabled) in [
            (Livekit_JobType.jtRoom, response.roomEnabled), (.jtPublisher, response.publisherEnabled),
            (.jtParticipant, response.participantEnabled),
        ] where isEnabled {
            workers[type, default: Workers()].namespaces.formUnion(response.namespaces)
            workers[type, default: Workers()].names.formUnion(response.agentNames)
        }
    }

    /// The namespaces in which a worker may be found.
    func namespaces(of type: Livekit_JobType, name: String) -> Set<String> {
        guard let workers = workers[type], workers.names.contains(name) else { return [] }
        return workers.namespaces
    }
}
