internal import LiveKitPSRPC
internal import Logging

/// What egress and ingress stand on outside this process: the bus to their workers, and what is remembered of them.
struct WorkerBackend: Sendable {
    let bus: any MessageBus
    let egress: any EgressStore
    let ingress: any IngressStore
    var patience = WorkerPatience()
}

extension WorkerBackend {
    /// Everything in Redis, where stock workers look for it.
    init(bus: any MessageBus, redis: RedisClient) {
        self.init(bus: bus, egress: RedisEgressStore(redis: redis), ingress: RedisIngressStore(redis: redis))
    }
}

/// The services of egress and ingress, where there is a backend for them.
struct WorkerServices: Sendable {
    let egress: EgressLauncher
    let ingress: IngressService.Backend
    private let link: WorkerLink
    private let server: IOInfoServer

    init(_ backend: WorkerBackend, webhooks: WebhookNotifier, clock: ServerClock, logger: Logger) {
        link = WorkerLink(over: backend.bus, logger: logger)
        let egress = EgressRecords(store: backend.egress, webhooks: webhooks, logger: logger)
        let ingress = IngressRecords(store: backend.ingress, webhooks: webhooks, logger: logger)
        self.egress = EgressLauncher(workers: link, records: egress, patience: backend.patience, logger: logger)
        self.ingress = IngressService.Backend(
            workers: IngressWorkers(link: link, patience: backend.patience), records: ingress)
        server = IOInfoServer(bus: backend.bus, egress: egress, ingress: ingress, clock: clock, logger: logger)
    }

    /// Reaches workers, and is reached by them, until the task is cancelled.
    func run() async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await link.run() }
            group.addTask { await server.run() }
        }
    }
}
