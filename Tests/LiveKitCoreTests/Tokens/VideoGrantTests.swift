import LiveKitCore
import LiveKitProtobuf
import Testing

@Suite("VideoGrant")
struct VideoGrantTests {
    @Test("A grant that says nothing allows media and data, and nothing else")
    func defaults() {
        let grant = VideoGrant()
        #expect(grant.canPublish && grant.canSubscribe && grant.canPublishData)
        #expect(!grant.canUpdateOwnMetadata && !grant.canSubscribeMetrics && !grant.canManageAgentSession)
        #expect(grant.canPublish(source: .camera))
        #expect(grant.canPublishClaim == nil)
    }

    @Test("Data follows media unless the grant says otherwise")
    func dataFollowsMedia() {
        #expect(!VideoGrant(canPublish: false).canPublishData)
        #expect(VideoGrant(canPublish: false, canPublishData: true).canPublishData)
        #expect(!VideoGrant(canPublish: true, canPublishData: false).canPublishData)
    }

    @Test("A list of sources narrows publishing and never widens it")
    func sources() {
        let grant = VideoGrant(canPublishSources: [.microphone])
        #expect(grant.canPublish(source: .microphone) && !grant.canPublish(source: .camera))
        let forbidden = VideoGrant(canPublish: false, canPublishSources: [.microphone])
        #expect(!forbidden.canPublish(source: .microphone))
    }

    @Test("Assigning a permission states it")
    func assignment() {
        var grant = VideoGrant()
        grant.canPublish = false
        grant.canUpdateOwnMetadata = true
        #expect(grant.canPublishClaim == false && grant.canUpdateOwnMetadataClaim == true)
        #expect(grant.canSubscribeClaim == nil)
    }

    @Test("The permission of the signalling protocol holds the resolved values")
    func permission() {
        var grant = VideoGrant(canPublish: false, canPublishSources: [.camera])
        grant.hidden = true
        let permission = grant.participantPermission
        #expect(!permission.canPublish && !permission.canPublishData && permission.canSubscribe && permission.hidden)
        #expect(permission.canPublishSources == [.camera])
    }
}
