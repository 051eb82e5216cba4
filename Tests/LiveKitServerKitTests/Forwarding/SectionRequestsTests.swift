import LiveKitCore
import Testing

@testable import LiveKitServerKit

@Suite("Sections that the client of a single connection is asked for")
struct SectionRequestsTests {
    private typealias Count = SectionRequests.Count

    @Test("None is asked for twice before an offer came")
    func asksOnce() {
        var requests = SectionRequests()
        #expect(requests.request(for: Count(audio: 1, video: 2), now: .start) == Count(audio: 1, video: 2))
        #expect(requests.request(for: Count(audio: 1, video: 2), now: .start) == nil)
        #expect(requests.request(for: Count(audio: 1, video: 3), now: .start) == Count(audio: 0, video: 1))
    }

    @Test("What an offer left out is asked for again")
    func asksAgainAfterAnOffer() {
        var requests = SectionRequests()
        _ = requests.request(for: Count(audio: 2, video: 0), now: .start)
        requests.offerAnswered()
        #expect(requests.request(for: Count(audio: 1, video: 0), now: .start) == Count(audio: 1, video: 0))
    }

    @Test("An offer is asked for also where no section is missing, and again when none comes")
    func asksForTheOfferAlone() {
        var requests = SectionRequests()
        #expect(requests.request(for: Count(), now: .start) == Count())
        #expect(requests.request(for: Count(), now: .start + .seconds(14)) == nil)
        #expect(requests.request(for: Count(), now: .start + .seconds(15)) == Count())
    }
}
