internal import HTTPTypes
internal import HummingbirdCore
internal import NIOCore

extension Response {
    /// A short answer in plain text.
    init(_ status: HTTPResponse.Status, text: String) {
        let body = ByteBuffer(string: text)
        self.init(
            status: status, headers: [.contentType: "text/plain; charset=utf-8"],
            body: ResponseBody(byteBuffer: body))
    }

    /// A refusal, readable by pages of any origin, because SDKs show its text.
    init(_ failure: HTTPFailure) {
        self.init(failure.status, text: failure.message)
        headers[.retryAfter] = failure.retryAfter.map(String.init)
        headers.allowAnyOrigin()
    }
}

extension HTTPFields {
    /// Tokens, not cookies, carry all authority here, so any page may read any answer, and all of its header.
    mutating func allowAnyOrigin() {
        self[.accessControlAllowOrigin] = "*"
        self[.accessControlExposeHeaders] = "*"
    }
}
