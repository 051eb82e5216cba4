import LiveKitCore
import LiveKitRTC

/// Two negotiators that offer and answer in any order, with descriptions that somebody changes on the way.
struct NegotiatorModel {
    private var sides: [Negotiator]
    private var latest = [String](repeating: "", count: 2)
    private var transceivers: [TransceiverID] = []
    private var generation = 0

    static func run(_ bytes: [UInt8]) {
        var input = CommandReader(bytes)
        var model = NegotiatorModel(flags: input.byte())
        var commands = 0
        while !input.isAtEnd, commands < 60 {
            model.step(&input)
            commands += 1
        }
    }

    private init(flags: UInt8) {
        let capabilities: [MediaCapabilities] =
            flags & 1 == 0 ? [.liveKitClient, .liveKitServerPublisher] : [.liveKitServerSubscriber, .liveKitClient]
        sides = capabilities.enumerated().map { index, capabilities in
            Negotiator(configuration: .init(capabilities: capabilities, sessionID: UInt64(index + 1)))
        }
    }

    private func transport(_ side: Int) -> LocalTransportParameters {
        LocalTransportParameters(
            ufrag: "u\(side)\(generation)", password: "passwordpasswordpassword\(side)",
            fingerprints: [SDPFingerprint(algorithm: "sha-256", value: "AA:BB")],
            candidates: ["candidate:1 1 udp 2113937151 10.0.0.\(side + 1) 5000 typ host"])
    }

    private mutating func step(_ input: inout CommandReader) {
        let side = input.number(below: 2)
        switch input.number(below: 14) {
        case 0, 1: addTransceiver(side, &input)
        case 2: sides[side].addDataChannels()
        case 3, 4: exchange(from: side, &input)
        case 5: if let offer = try? sides[side].createOffer(transport(side)) { latest[side] = offer }
        case 6: _ = try? sides[side].applyRemoteOffer(changed(latest[1 - side], &input))
        case 7: if let answer = try? sides[side].createAnswer(transport(side)) { latest[side] = answer.text }
        case 8: _ = try? sides[side].applyRemoteAnswer(changed(latest[1 - side], &input))
        case 9: try? sides[side].rollback()
        case 10: _ = try? sides[side].applyRemoteOffer(String(decoding: input.block(), as: UTF8.self))
        case 11: stop(side, &input)
        case 12: generation += 1
        default:
            let mids = sides[side].describedMIDs
            guard !mids.isEmpty else { return }
            sides[side].setPreferences(.init(codecs: ["VP8"]), forMID: mids[input.number(below: mids.count)])
        }
        check()
    }

    private mutating func addTransceiver(_ side: Int, _ input: inout CommandReader) {
        let flags = input.byte()
        let ssrc = SSRC(rawValue: UInt32(input.byte()) + 1)
        let sender = SenderParameters(
            streamID: "PA_\(flags & 3)", trackID: "TR_\(flags & 7)", cname: "c",
            encodings: [
                .init(rid: flags & 8 == 0 ? nil : "q", ssrc: ssrc, rtxSSRC: SSRC(rawValue: ssrc.rawValue + 1000))
            ])
        let id = try? sides[side].addTransceiver(
            flags & 16 == 0 ? .audio : .video, direction: flags & 32 == 0 ? .sendonly : .sendrecv,
            sender: flags & 64 == 0 ? sender : nil)
        if let id { transceivers.append(id) }
    }

    private mutating func stop(_ side: Int, _ input: inout CommandReader) {
        guard !transceivers.isEmpty else { return }
        let id = transceivers[input.number(below: transceivers.count)]
        try? sides[side].stopSending(id)
    }

    /// A whole exchange, as it should be, and perhaps changed.
    private mutating func exchange(from side: Int, _ input: inout CommandReader) {
        guard let offer = try? sides[side].createOffer(transport(side)) else { return }
        latest[side] = offer
        guard (try? sides[1 - side].applyRemoteOffer(changed(offer, &input))) != nil,
            let answer = try? sides[1 - side].createAnswer(transport(1 - side))
        else {
            try? sides[side].rollback()
            return
        }
        latest[1 - side] = answer.text
        if (try? sides[side].applyRemoteAnswer(changed(answer.text, &input))) == nil { try? sides[side].rollback() }
    }

    /// Lines taken out, doubled, exchanged or changed.
    private func changed(_ text: String, _ input: inout CommandReader) -> String {
        var lines = text.split(separator: "\r\n", omittingEmptySubsequences: false).map(String.init)
        for _ in 0..<input.number(below: 4) where !lines.isEmpty {
            let index = input.number(below: lines.count)
            switch input.number(below: 5) {
            case 0: lines.remove(at: index)
            case 1: lines.insert(lines[index], at: input.number(below: lines.count))
            case 2: lines.swapAt(index, input.number(below: lines.count))
            case 3: lines[index] = String(decoding: input.mutation(of: Array(lines[index].utf8)), as: UTF8.self)
            default: lines[index] = String(decoding: input.block(), as: UTF8.self)
            }
        }
        return lines.joined(separator: "\r\n")
    }

    private func check() {
        for side in sides {
            precondition(side.describedMIDs.count <= side.configuration.maxSections, "more sections than allowed")
            guard let negotiated = side.negotiated else { continue }
            let mids = negotiated.sections.map(\.mid)
            precondition(Set(mids).count == mids.count, "two sections of one name")
        }
    }
}
