import LiveKitServerAPI
import Testing

@Suite("Errors of the server API")
struct ServerErrorTests {
    @Test("Errors are equal by code, whatever they say")
    func equalityIsByCode() {
        #expect(ServerError(.notFound, message: "no room") == ServerError(.notFound, message: "no participant"))
        #expect(ServerError(.notFound, message: "no room") != ServerError(.unavailable, message: "no room"))
    }

    @Test("It is known as TwirpError too")
    func alias() {
        let error: any Error = ServerError(.notFound, message: "no room")
        #expect((error as? TwirpError)?.code == .notFound)
    }

    @Test("A code that this version does not know is kept as it came")
    func unknownCodesAreKept() {
        #expect(ServerError(.init(rawValue: "brand_new"), message: "x").description == "brand_new: x")
    }
}
