import ArgumentParser
import Foundation
import LiveKitClient
import LiveKitCore

/// Participants of ours that join and leave: at a fixed rate, however the server fares, or as many as so many workers
/// manage one after the other. Prints how long joining took, and how many joins the
/// server refused and how many failed.
@main
struct JoinLoad: AsyncParsableCommand {
    @Option(help: "The server.") var url = "ws://127.0.0.1:7880"
    @Option var apiKey = "devkey"
    @Option var apiSecret = "secret"
    @Option(help: "Joins that begin each second; without it, workers join as fast as they can.") var rate: Int?
    @Option(help: "With --rate: for how many seconds.") var duration = 20
    @Option(help: "Without --rate: how many join at the same time.") var workers = 16
    @Option(help: "Without --rate: how many joins in all.") var count = 1000
    @Option(help: "How many share a room.") var perRoom = 4
    @Option(help: "Milliseconds that a participant stays once it is connected.") var stay = 0
    @Option(help: "Begins the rooms' names.") var prefix = "join-load"

    func validate() throws {
        guard rate.map({ (1...1000).contains($0) }) ?? true, (1...600).contains(duration), (1...256).contains(workers),
            (1...1_000_000).contains(count), perRoom > 0, stay >= 0
        else { throw ValidationError("--rate is 1 to 1000, --duration to 600, --workers to 256, --count to 1000000.") }
    }

    func run() async throws {
        let began = ContinuousClock.now
        let joins = if let rate { await joinAtRate(rate) } else { await joinByWorkers() }
        print(Summary(joins, took: ContinuousClock.now - began).text)
    }

    private func joinAtRate(_ rate: Int) async -> [Join] {
        await withTaskGroup(of: Join.self, returning: [Join].self) { group in
            let began = ContinuousClock.now
            for index in 0..<rate * duration {
                try? await Task.sleep(until: began + .seconds(index) / rate, clock: .continuous)
                group.addTask { await join(index) }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
    }

    private func joinByWorkers() async -> [Join] {
        await withTaskGroup(of: [Join].self, returning: [Join].self) { group in
            for worker in 0..<workers {
                group.addTask {
                    var joins: [Join] = []
                    for index in stride(from: worker, to: count, by: workers) { joins.append(await join(index)) }
                    return joins
                }
            }
            return await group.reduce(into: []) { $0 += $1 }
        }
    }

    private func join(_ index: Int) async -> Join {
        let room = Room()
        let began = ContinuousClock.now
        let answer = Task { try await answered(room) }
        defer { answer.cancel() }
        do {
            let token = try token(room: "\(prefix)-\(index / perRoom)", identity: "participant-\(index)")
            try await room.connect(url: url, token: token)
            let connected = ContinuousClock.now
            let answered = try await answer.value
            if stay > 0 { try await Task.sleep(for: .milliseconds(stay)) }
            await room.disconnect()
            return Join(answered: answered - began, connected: connected - began)
        } catch {
            return Join(failure: "\(error)")
        }
    }

    /// When the JoinResponse was there, to the next two milliseconds.
    private func answered(_ room: Room) async throws -> ContinuousClock.Instant {
        while room.sid == nil { try await Task.sleep(for: .milliseconds(2)) }
        return .now
    }

    private func token(room: String, identity: String) throws -> String {
        var token = AccessToken(apiKey: apiKey, apiSecret: apiSecret, identity: identity)
        token.video = VideoGrant(room: room, roomJoin: true)
        return try token.jwt(now: NumericDate(secondsSinceEpoch: Int64(Date().timeIntervalSince1970)))
    }
}
