internal import HummingbirdCore
internal import Logging
internal import NIOCore
internal import NIOHTTP1
internal import NIOHTTPTypes
internal import NIOHTTPTypesHTTP1

extension NIOAsyncChannel where Inbound == HTTPRequestPart, Outbound == HTTPResponsePart {
    /// What stands behind the decoder on a connection of plain HTTP, which is closed after `idleTimeout` without a request;
    /// zero is never.
    init(answeringOn channel: any Channel, idleTimeout: Duration, logger: Logger) throws {
        try channel.pipeline.syncOperations.addHandler(HTTP1ToHTTPServerCodec(secure: false))
        try channel.pipeline.syncOperations.addHandler(
            HTTPConnectionStateHandler(idleTimeout: idleTimeout > .zero ? idleTimeout : nil, logger: logger))
        try self.init(
            wrappingChannelSynchronously: channel, configuration: .init(isOutboundHalfClosureEnabled: true))
    }
}

extension NIOHTTPDecoderLimitConfiguration {
    /// What ``HTTPBounds`` allows of a header.
    static var bounded: Self {
        var limits = Self()
        limits.maxHeaderFieldSize = HTTPBounds.headerFieldBytes
        limits.maxHeaderListSize = HTTPBounds.headerListBytes
        limits.maxHeaderFieldCount = HTTPBounds.headerFields
        return limits
    }
}
