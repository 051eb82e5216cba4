internal import NIOCore

extension ControlServices {
    /// Whether a gate lets a new connection in; it counts until it is closed.
    func takes(_ channel: any Channel, at gate: ConnectionGate) -> Bool {
        let address = channel.remoteAddress?.plainIPAddress
        let isLocal = address.map { $0.hasPrefix("127.") || $0 == "::1" } ?? true
        switch gate.enter(isLocal ? nil : address, now: clock.now()) {
        case .taken:
            channel.closeFuture.whenComplete { _ in gate.leave() }
            return true
        case .tooMany:
            counters.connectionRefused("too_many")
        case .tooFast:
            counters.connectionRefused("too_fast")
        }
        return false
    }
}
