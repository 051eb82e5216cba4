internal import LiveKitCore

// RTCP: what we report, and what is reported to us.
extension PeerConnection {
    static let firstReportDelay: MediaDuration = .milliseconds(100)
    /// RFC 3550 §6.2 scales with the session; one second is what WebRTC stacks do for video.
    private static let reportInterval: MediaDuration = .seconds(1)
    /// Sender reports that fit one datagram with their SDES.
    private static let sendersPerCompound = 20

    func sendDueFeedback(now: MediaInstant) {
        guard sender != nil else { return }
        if let due = reportsDueAt, due <= now {
            reportsDueAt = now + Self.reportInterval
            sendReports(now: now)
        }
        sendDueNACKs(now: now)
        sendCongestionFeedback(now: now)
    }

    /// Loss is asked for as it is seen, not at the next report.
    func sendDueNACKs(now: MediaInstant) {
        for stream in inbound.values {
            guard let due = stream.losses.deadline, due <= now else { continue }
            if let roundTripTime { stream.losses.setRoundTripTime(roundTripTime) }
            guard let nack = stream.losses.poll(now: now, sender: controlSSRC, media: stream.ssrc) else { continue }
            statistics.sentFeedback.negativeAcknowledgements &+= 1
            sendRTCP([
                .receiverReport(ReceiverReport(sender: controlSSRC, reports: [])),
                .genericNACK(nack),
            ])
        }
    }

    private func sendReports(now: MediaInstant) {
        let wallClock = NTPTimestamp(unixNanoseconds: now.nanoseconds &+ configuration.wallClockOffset)
        let reports = outbound.values.compactMap { $0.statistics.senderReport(wallClock: wallClock, now: now) }
        sendReceiverReports(wallClock: wallClock, isSender: !reports.isEmpty, now: now)
        for start in stride(from: 0, to: reports.count, by: Self.sendersPerCompound) {
            let part = reports[start..<min(start + Self.sendersPerCompound, reports.count)]
            var packets: [RTCPPacket] = part.map { .senderReport($0) }
            packets += part.map { .sourceDescription(SourceDescription(source: $0.sender, canonicalName: cname)) }
            sendRTCP(packets)
        }
    }

    /// What we receive, in as many datagrams as it takes; streams beyond that have their turn in the next interval.
    private func sendReceiverReports(wallClock: NTPTimestamp, isSender: Bool, now: MediaInstant) {
        let turn = reportRotation.next(RTPLimits.blocksInReport * RTPLimits.reportsInInterval, of: inbound.keys)
        let blocks = turn.compactMap { inbound[$0]?.statistics.reportBlock(now: now) }
        var extended: [ExtendedReport.Block] = []
        // Who sends learns the round trip from its own reports.
        if !isSender, !inbound.isEmpty { extended.append(referenceTimes.ask(wallClock: wallClock, now: now)) }
        if let answer = referenceTimes.answer(now: now) { extended.append(answer) }
        guard !blocks.isEmpty || !extended.isEmpty || !isSender else { return }
        for start in stride(from: 0, to: max(blocks.count, 1), by: RTPLimits.blocksInReport) {
            let part = Array(blocks[start..<min(start + RTPLimits.blocksInReport, blocks.count)])
            var packets: [RTCPPacket] = [
                .receiverReport(ReceiverReport(sender: controlSSRC, reports: part)),
                .sourceDescription(SourceDescription(source: controlSSRC, canonicalName: cname)),
            ]
            if start == 0, !extended.isEmpty {
                packets.append(.extendedReport(ExtendedReport(sender: controlSSRC, blocks: extended)))
            }
            sendRTCP(packets)
        }
    }

    func receiveRTCP(_ bytes: UnsafeRawBufferPointer, now: MediaInstant) {
        let compound = unsafe RTCPCompound(parsing: RawSpan(_unsafeBytes: bytes))
        if compound.failure != nil { statistics.refused &+= 1 }
        for packet in compound.packets { receive(packet, now: now) }
        advanceCongestion(now: now)
    }

    private func receive(_ packet: RTCPPacket, now: MediaInstant) {
        switch packet {
        case .senderReport(let report):
            if let stream = inbound[report.sender] {
                stream.statistics.receive(report, now: now)
                stream.senderReport = (report, now)
                stream.clock.receive(report, now: now)
            }
            for block in report.reports { receive(block, now: now) }
        case .receiverReport(let report):
            for block in report.reports { receive(block, now: now) }
        case .genericNACK(let nack):
            statistics.receivedFeedback.negativeAcknowledgements &+= 1
            tell(.lost(nack.media, nack.missing))
        case .pictureLossIndication(let indication):
            statistics.receivedFeedback.pictureLossIndications &+= 1
            tell(.keyframeRequest(indication.media))
        case .fullIntraRequest(let request):
            for entry in request.entries where keyframeCommands.receive(entry, from: request.sender) {
                statistics.receivedFeedback.fullIntraRequests &+= 1
                tell(.keyframeRequest(entry.ssrc))
            }
        case .receiverEstimatedMaximumBitrate(let estimate):
            control?.receive(estimate, now: now)
            tell(.bandwidth(estimate.bitrate))
        case .extendedReport(let report):
            for block in report.blocks {
                switch block {
                case .receiverReferenceTime(let time):
                    referenceTimes.receive(time, from: report.sender, now: now)
                case .receiverDelays(let delays):
                    referenceTimes.receive(delays, local: controlSSRC, now: now)
                }
            }
        case .transportFeedback(let feedback):
            control?.receive(feedback, now: now)
        case .sourceDescription, .goodbye, .unknown:
            break
        }
    }

    private func receive(_ block: ReportBlock, now: MediaInstant) {
        guard let stream = outbound[block.ssrc] else { return }
        stream.statistics.receive(block, now: now)
        control?.receive(block, roundTripTime: stream.statistics.roundTripTime ?? roundTripTime, now: now)
        tell(.report(block))
    }

    private func tell(_ feedback: OutboundFeedback) {
        observer?.peerConnection(self, didReceive: feedback)
    }
}
