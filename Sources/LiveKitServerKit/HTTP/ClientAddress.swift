internal import LiveKitCore
internal import NIOHTTP1

/// Where a client is, as the proxies before this server tell it.
///
/// They are believed without proof, because what they tell is shown and logged, and decides nothing: who may connect
/// how fast (``ConnectionGate``) goes by the connection itself.
enum ClientAddress {
    /// In LiveKit's order: what the user met first comes first.
    private static let headers = ["CF-Connecting-IP", "X-Forwarded-For", "X-Real-IP"]

    /// The first address that a proxy tells, else the connection's own, else "".
    static func of(_ head: HTTPHeaders, peer: String?) -> String {
        for name in headers {
            guard let value = head.first(name: name) else { continue }
            // X-Forwarded-For lists every hop, the client first.
            let first = value.prefix { $0 != "," }.filter { $0 != " " }
            if let address = TransportAddress(host: first, port: 0) { return address.host }
        }
        return peer ?? ""
    }
}
