import LiveKitPSRPC
import Testing

@Suite("Channel names, as psrpc forms them")
struct ChannelNameTests {
    @Test("A client's own channels name the service and the client")
    func clientChannels() {
        #expect(ChannelName.responses("foo", client: "bar") == "foo|bar|RES")
        #expect(ChannelName.claimRequests("foo", client: "bar") == "foo|bar|CLAIM")
        #expect(ChannelName.clientStreams("foo", client: "bar") == "foo|bar|STR")
    }

    @Test("A method's channels name the service, the method and the topic")
    func methodChannels() {
        #expect(ChannelName.requests("foo", "bar", topic: []) == "foo|bar|REQ")
        #expect(ChannelName.claimResponses("foo", "bar", topic: []) == "foo|bar|RCLAIM")
        #expect(ChannelName.serverStreams("foo", "bar", topic: []) == "foo|bar|STR")
        #expect(ChannelName.requests("foo", "bar", topic: ["a", "b", "c"]) == "foo|bar|a|b|c|REQ")
        #expect(ChannelName.claimResponses("foo", "bar", topic: ["a", "b", "c"]) == "foo|bar|a|b|c|RCLAIM")
        #expect(ChannelName.serverStreams("foo", "bar", topic: ["a", "b", "c"]) == "foo|bar|a|b|c|STR")
    }

    @Test("Characters beyond letters and digits are spelt out")
    func sanitizes() {
        #expect(
            ChannelName.requests("🚀_É", "🛰_bar", topic: ["软件"])
                == "U+0001f680_u+00c9|U+0001f6f0_bar|u+8f6fu+4ef6|REQ")
        #expect(
            ChannelName.requests("Participant", "RemoveParticipant", topic: ["my room_ann@home"])
                == "Participant|RemoveParticipant|myu+0020room_annu+0040home|REQ")
        #expect(
            ChannelName.serverStreams("Signal", "RelaySignal", topic: ["ND_x1"]) == "Signal|RelaySignal|ND_x1|STR")
    }

    @Test("An empty part of a topic leaves no separator after it")
    func emptyParts() {
        // An agent without a namespace: `AgentInternal.JobRequest` with the topics "" and "JT_ROOM".
        #expect(
            ChannelName.requests("AgentInternal", "JobRequest", topic: ["", "JT_ROOM"])
                == "AgentInternal|JobRequest|JT_ROOM|REQ")
        #expect(ChannelName.requests("S", "M", topic: [""]) == "S|M|REQ")
        #expect(ChannelName.requests("S", "M", topic: ["a", ""]) == "S|M|a||REQ")
    }
}
