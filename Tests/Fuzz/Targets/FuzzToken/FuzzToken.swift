internal import FuzzInput
internal import LiveKitCore

/// Access tokens, RFC 7519: any text, and any claims under the right signature.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzToken(_ start: UnsafeRawPointer, _ count: Int) -> CInt {
    let bytes = unsafe [UInt8](fuzzing: start, count: count)
    let verifier = TokenVerifier(secrets: ["key": "secret"])
    let now = NumericDate(secondsSinceEpoch: 1_700_000_000)
    _ = try? verifier.verify(String(decoding: bytes, as: UTF8.self), now: now)
    let header = Array(#"{"alg":"HS256","typ":"JWT"}"#.utf8)
    _ = try? verifier.verify(JSONWebSignature.sign(header: header, payload: bytes, with: "secret"), now: now)
    // Claims that pass, around which the input stands.
    let claims = Array(#"{"iss":"key","exp":1800000000,"video":"#.utf8) + bytes + Array("}".utf8)
    _ = try? verifier.verify(JSONWebSignature.sign(header: header, payload: claims, with: "secret"), now: now)
    return 0
}
