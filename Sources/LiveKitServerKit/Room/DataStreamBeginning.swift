internal import LiveKitProtobuf

/// A data stream that was passed on.
struct DataStreamBeginning: Sendable, Equatable {
    /// `text`, `bytes` or `unknown`.
    var type: String
    /// The first half of its MIME type where that is a common one, else `unknown`.
    var mimeType: String
    /// As announced.
    var bytes: UInt64?
    var receivers: Int

    private static let commonTypes: Set<String> = ["text", "image", "application", "audio", "video"]

    init(_ header: Livekit_DataStream.Header, receivers: Int) {
        type =
            switch header.contentHeader {
            case .textHeader: "text"
            case .byteHeader: "bytes"
            case nil: "unknown"
            }
        let mime = header.mimeType.prefix { $0 != "/" }.lowercased()
        mimeType = Self.commonTypes.contains(mime) ? mime : "unknown"
        bytes = header.hasTotalLength ? header.totalLength : nil
        self.receivers = receivers
    }
}
