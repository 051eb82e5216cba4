import Foundation
import LiveKitCore
import LiveKitProtobuf
import Testing

@testable import LiveKitPSRPC

@Suite("A call from request to answer")
struct CallStateTests {
    private func call(_ selection: RPCSelection?) -> CallState {
        CallState(requestID: "R", timeout: .seconds(3), selection: selection, now: .start)
    }

    private func response(_ payload: [UInt8], error: String = "", code: String = "") -> PSRPCResponse {
        var response = PSRPCResponse()
        response.rawResponse = Data(payload)
        response.error = error
        response.code = code
        return response
    }

    @Test("Without claims the first answer is the answer")
    func answered() {
        var machine = call(nil)
        #expect(machine.deadline == .start + .seconds(3))
        machine.receive(response([1]), now: .start)
        machine.receive(response([2]), now: .start)
        #expect(machine.pollOutput() == .finish(.success(Data([1]))))
        #expect(machine.pollOutput() == nil)
        #expect(machine.deadline == nil)
    }

    @Test("A bid is taken, told, and then the answer awaited until the call's end")
    func claimed() {
        var machine = call(.standard(hasAffinity: false))
        var bid = PSRPCClaimRequest()
        bid.serverID = "S"
        machine.receive(bid, now: .start + .milliseconds(10))
        var choice = PSRPCClaimResponse()
        choice.requestID = "R"
        choice.serverID = "S"
        #expect(machine.pollOutput() == .choose(choice))
        #expect(machine.deadline == .start + .seconds(3))
        machine.handleTimeout(now: .start + .seconds(3))
        #expect(machine.pollOutput() == .finish(.failure(.requestTimedOut)))
    }

    @Test("Nobody bids: no response after a second, though the call had three")
    func unclaimed() {
        var machine = call(.standard(hasAffinity: false))
        #expect(machine.deadline == .start + .seconds(1))
        machine.handleTimeout(now: .start + .milliseconds(999))
        #expect(machine.pollOutput() == nil)
        machine.handleTimeout(now: .start + .seconds(1))
        #expect(machine.pollOutput() == .finish(.failure(.noResponse)))
    }

    @Test("An error of the server is the call's, with its code; without one it is unknown")
    func failed() {
        var machine = call(nil)
        machine.receive(response([], error: "gone", code: "not_found"), now: .start)
        #expect(machine.pollOutput() == .finish(.failure(RPCError(.notFound, "gone"))))
        var nameless = call(nil)
        nameless.receive(response([], error: "odd"), now: .start)
        #expect(nameless.pollOutput() == .finish(.failure(RPCError(.unknown, "odd"))))
    }
}
