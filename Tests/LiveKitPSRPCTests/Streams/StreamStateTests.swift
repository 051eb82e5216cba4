import Foundation
import LiveKitCore
import LiveKitProtobuf
import Testing

@testable import LiveKitPSRPC

@Suite("One side of a stream")
struct StreamStateTests {
    private func acknowledgement(_ requestID: String, expiry: Int64 = 100) -> PSRPCStream {
        var envelope = PSRPCStream()
        envelope.requestID = requestID
        envelope.expiry = expiry
        envelope.ack = PSRPCStreamAck()
        return envelope
    }

    private func send(_ machine: inout StreamState, _ requestID: String, timeout: MediaDuration) throws -> PSRPCStream {
        try machine.send(Data([7]), requestID: requestID, timeout: timeout, now: .start, unixNow: 1000)
    }

    @Test("A message says how long it is good, and is settled by its acknowledgement, once")
    func acknowledged() throws {
        var machine = StreamState(id: "STR")
        let envelope = try send(&machine, "a", timeout: .milliseconds(5))
        #expect(envelope.streamID == "STR")
        #expect(envelope.sentAt == 1000)
        #expect(envelope.expiry == 5_001_000)
        #expect(envelope.message.rawMessage == Data([7]))
        #expect(machine.receive(acknowledgement("b"), unixNow: 10) == .nothing)
        #expect(machine.receive(acknowledgement("a"), unixNow: 10) == .acknowledged("a"))
        #expect(machine.receive(acknowledgement("a"), unixNow: 10) == .nothing)
        #expect(machine.deadline == nil)
    }

    @Test("Messages not acknowledged in time are given up, each in its own")
    func expires() throws {
        var machine = StreamState(id: "STR")
        _ = try send(&machine, "a", timeout: .milliseconds(5))
        _ = try send(&machine, "b", timeout: .milliseconds(9))
        #expect(machine.deadline == .start + .milliseconds(5))
        #expect(machine.handleTimeout(now: .start + .milliseconds(4)) == [])
        #expect(machine.handleTimeout(now: .start + .milliseconds(5)) == ["a"])
        #expect(machine.deadline == .start + .milliseconds(9))
    }

    @Test("An acknowledgement repeats the message's request and times")
    func acknowledges() throws {
        var machine = StreamState(id: "STR")
        let message = try send(&machine, "a", timeout: .seconds(1))
        #expect(machine.receive(message, unixNow: 1) == .message(Data([7])))
        let acknowledgement = machine.acknowledgement(of: message)
        #expect(acknowledgement.requestID == "a")
        #expect(acknowledgement.sentAt == message.sentAt)
        #expect(acknowledgement.expiry == message.expiry)
        #expect(acknowledgement.body == .ack(PSRPCStreamAck()))
    }

    @Test("What comes too late is not heard")
    func late() {
        var machine = StreamState(id: "STR")
        #expect(machine.receive(acknowledgement("a", expiry: 10), unixNow: 10) == .expired)
    }

    @Test("Closing says why, ends what waits, and happens once")
    func closes() throws {
        var machine = StreamState(id: "STR")
        _ = try send(&machine, "a", timeout: .seconds(1))
        let envelope = machine.close(.streamClosed, requestID: "c", timeout: .seconds(3), unixNow: 0)
        #expect(envelope?.close.code == "canceled")
        #expect(envelope?.close.error == "stream closed")
        #expect(machine.deadline == nil)
        #expect(machine.close(.streamEnded, requestID: "d", timeout: .seconds(3), unixNow: 0) == nil)
        #expect(throws: RPCError.streamClosed) { try send(&machine, "b", timeout: .seconds(1)) }
    }

    @Test("The other side's closing is the stream's, with its reason")
    func isClosed() {
        var machine = StreamState(id: "STR")
        var envelope = PSRPCStream()
        envelope.expiry = 100
        envelope.close.error = "EOF"
        envelope.close.code = "unavailable"
        #expect(machine.receive(envelope, unixNow: 0) == .closed(.streamEnded))
        #expect(machine.receive(envelope, unixNow: 0) == .nothing)
        #expect(machine.closure == .streamEnded)
    }

    @Test("No more than so many messages wait to be acknowledged")
    func isBounded() throws {
        var machine = StreamState(id: "STR")
        for index in 0..<RPCBounds.unacknowledged { _ = try send(&machine, "\(index)", timeout: .seconds(1)) }
        #expect(throws: RPCError.self) { try send(&machine, "more", timeout: .seconds(1)) }
    }
}
