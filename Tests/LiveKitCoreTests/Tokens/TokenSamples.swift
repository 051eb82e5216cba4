import LiveKitCore

/// A key, a secret, and tokens that another implementation of LiveKit's tokens made with them.
enum TokenSamples {
    static let key = "APIexampleKey"
    static let secret = "a secret of at least thirty-two bytes"
    /// When the other implementation's tokens were made.
    static let now = NumericDate(secondsSinceEpoch: 1_700_000_000)
    static let verifier = TokenVerifier(secrets: [key: secret, "short": "s", "empty": ""])

    static let join =
        "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJuYW1lIjoiQWxpY2UiLCJ2aWRlbyI6eyJyb29tSm9pbiI6dHJ1ZSwicm9"
        + "vbSI6ImtpdGNoZW4iLCJjYW5QdWJsaXNoIjp0cnVlLCJjYW5TdWJzY3JpYmUiOnRydWUsImNhblB1Ymxpc2hEYXRhIjp0cnV"
        + "lfSwic3ViIjoiYWxpY2UiLCJpc3MiOiJBUElleGFtcGxlS2V5IiwibmJmIjoxNzAwMDAwMDAwLCJleHAiOjE3MDAwMjE2MDB"
        + "9.sBRPg2MWKbBUVSn3TA5RZeOqWA1QzvFhaD1yEg_v4L4"
    static let admin =
        "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJ2aWRlbyI6eyJyb29tQ3JlYXRlIjp0cnVlLCJyb29tTGlzdCI6dHJ1ZSw"
        + "icm9vbVJlY29yZCI6dHJ1ZSwiY2FuUHVibGlzaCI6dHJ1ZSwiY2FuU3Vic2NyaWJlIjp0cnVlLCJjYW5QdWJsaXNoRGF0YSI"
        + "6dHJ1ZSwiaW5ncmVzc0FkbWluIjp0cnVlfSwic3ViIjoiIiwiaXNzIjoiQVBJZXhhbXBsZUtleSIsIm5iZiI6MTcwMDAwMDA"
        + "wMCwiZXhwIjoxNzAwMDIxNjAwfQ.SeE7wZto9CHZMr-NdyAmrZ6Aca7H2wyWcZ2obEw5wlU"
    static let everything = [
        "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJuYW1lIjoiQm9iIFx1MDBlOVx1ZDgzZFx1ZGUwMCIsImtpbmQiOiJhZ2V",
        "udCIsIm1ldGFkYXRhIjoie1wiYVwiOjF9IiwidmlkZW8iOnsicm9vbUFkbWluIjp0cnVlLCJyb29tSm9pbiI6dHJ1ZSwicm9",
        "vbSI6ImhhbGwiLCJkZXN0aW5hdGlvblJvb20iOiJhdHRpYyIsImNhblB1Ymxpc2giOmZhbHNlLCJjYW5TdWJzY3JpYmUiOmZ",
        "hbHNlLCJjYW5QdWJsaXNoRGF0YSI6dHJ1ZSwiY2FuUHVibGlzaFNvdXJjZXMiOlsibWljcm9waG9uZSIsInNjcmVlbl9zaGF",
        "yZSIsImhvbG9ncmFtIl0sImNhblVwZGF0ZU93bk1ldGFkYXRhIjp0cnVlLCJoaWRkZW4iOnRydWUsImNhblN1YnNjcmliZU1",
        "ldHJpY3MiOnRydWV9LCJzaXAiOnsiYWRtaW4iOnRydWUsImNhbGwiOnRydWV9LCJpbmZlcmVuY2UiOnsicGVyZm9ybSI6dHJ",
        "1ZX0sIm9ic2VydmFiaWxpdHkiOnsid3JpdGUiOnRydWV9LCJhZ2VudCI6eyJhZG1pbiI6ZmFsc2UsInNpbXVsYXRpb25BZG1",
        "pbiI6dHJ1ZSwiZGF0YWJhc2VBZG1pbiI6ZmFsc2UsImRpc3BhdGNoQWRtaW4iOmZhbHNlfSwiYXR0cmlidXRlcyI6eyJjb2x",
        "vdXIiOiJyZWQiLCJlbXB0eSI6IiJ9LCJzaGEyNTYiOiJhYmM9Iiwicm9vbVByZXNldCI6ImJpZyIsInJvb21Db25maWciOns",
        "ibmFtZSI6ImhhbGwiLCJlbXB0eVRpbWVvdXQiOjcsIm1heFBhcnRpY2lwYW50cyI6OSwiZWdyZXNzIjp7InRyYWNrcyI6eyJ",
        "maWxlcGF0aCI6ImYiLCJzMyI6eyJzZWNyZXQiOiJzIiwiYnVja2V0IjoiYiJ9fX0sIm1pblBsYXlvdXREZWxheSI6MTAwLCJ",
        "zeW5jU3RyZWFtcyI6dHJ1ZSwiYWdlbnRzIjpbeyJhZ2VudE5hbWUiOiJoZWxwZXIiLCJtZXRhZGF0YSI6Im0ifV0sInRhZ3M",
        "iOnsiayI6InYifX0sInN1YiI6ImJvYiIsImlzcyI6IkFQSWV4YW1wbGVLZXkiLCJuYmYiOjE3MDAwMDAwMDAsImV4cCI6MTc",
        "wMDAwMDMwMH0.2IkE3UilJ51GW343hd_I7ueWGA7qcAtW6J4IGPt5Gu0",
    ].joined()

    /// A token with an arbitrary header and payload and a right HS256 signature.
    static func token(_ payload: String, header: String = #"{"alg":"HS256"}"#, secret: String = secret) -> String {
        JSONWebSignature.sign(header: Array(header.utf8), payload: Array(payload.utf8), with: secret)
    }

    /// A token that expires in time, with these members besides.
    static func valid(adding members: String) -> String {
        token(#"{"iss":"APIexampleKey","exp":1700000100,\#(members)}"#)
    }
}
