internal import LiveKitProtobuf

/// Where an event goes, and whose key signs it.
struct WebhookTarget: Hashable, Sendable {
    var url: String
    var apiKey: String
}

extension LiveKitServerConfiguration.Webhook {
    /// The configured endpoints, where they want such events, and those that an egress names for itself.
    func targets(of event: Livekit_WebhookEvent) -> [WebhookTarget] {
        var targets = sends(event.event) ? urls.map { WebhookTarget(url: $0, apiKey: apiKey) } : []
        guard event.hasEgressInfo else { return targets }
        for webhook in event.egressInfo.webhooks where webhook.filterParams.allows(event.event) {
            let key = webhook.signingKey.isEmpty ? apiKey : webhook.signingKey
            let target = WebhookTarget(url: webhook.url, apiKey: key)
            if !targets.contains(target) { targets.append(target) }
        }
        return targets
    }
}

extension Livekit_FilterParams {
    fileprivate func allows(_ event: String) -> Bool {
        includeEvents.isEmpty ? !excludeEvents.contains(event) : includeEvents.contains(event)
    }
}

extension Livekit_EgressInfo {
    /// Who wants to hear of this egress besides.
    fileprivate var webhooks: [Livekit_WebhookConfig] {
        switch request {
        case .egress(let request): request.webhooks
        case .replay(let request): request.webhooks
        case .roomComposite(let request): request.webhooks
        case .web(let request): request.webhooks
        case .participant(let request): request.webhooks
        case .trackComposite(let request): request.webhooks
        case .track(let request): request.webhooks
        case nil: []
        }
    }
}
