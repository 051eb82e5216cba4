package import LiveKitCore

/// An RTP header extension under its id.
package struct HeaderExtensionMapping: Hashable, Sendable {
    package var id: UInt8
    package var uri: String
    /// When it goes one way only, as we see it.
    package var direction: MediaDirection?

    package init(id: UInt8, uri: String, direction: MediaDirection? = nil) {
        self.id = id
        self.uri = uri
        self.direction = direction
    }
}
