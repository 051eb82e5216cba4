/// What the holder of a token may do with agents.
public struct AgentGrant: Hashable, Sendable {
    /// May manage agents.
    public var admin: Bool
    /// May manage simulations of agents.
    public var simulationAdmin: Bool
    /// May use the agents' databases.
    public var databaseAdmin: Bool
    /// May manage the dispatch of agents.
    public var dispatchAdmin: Bool

    /// Creates a grant; what is not named is not granted.
    public init(
        admin: Bool = false, simulationAdmin: Bool = false, databaseAdmin: Bool = false, dispatchAdmin: Bool = false
    ) {
        self.admin = admin
        self.simulationAdmin = simulationAdmin
        self.databaseAdmin = databaseAdmin
        self.dispatchAdmin = dispatchAdmin
    }

    init(_ claims: ClaimObject) throws(TokenError) {
        admin = try claims.flag("admin") ?? false
        simulationAdmin = try claims.flag("simulationAdmin") ?? false
        databaseAdmin = try claims.flag("databaseAdmin") ?? false
        dispatchAdmin = try claims.flag("dispatchAdmin") ?? false
    }

    var claims: ClaimObject {
        var claims = ClaimObject()
        claims.set("admin", admin ? true : nil)
        claims.set("simulationAdmin", simulationAdmin ? true : nil)
        claims.set("databaseAdmin", databaseAdmin ? true : nil)
        claims.set("dispatchAdmin", dispatchAdmin ? true : nil)
        return claims
    }
}
