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

/// The names of the extensions that WebRTC uses.
package enum HeaderExtensionURI {
    package static let mid = "urn:ietf:params:rtp-hdrext:sdes:mid"
    package static let rid = "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id"
    package static let repairedRID = "urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id"
    package static let audioLevel = "urn:ietf:params:rtp-hdrext:ssrc-audio-level"
    package static let transportWideCC = "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01"
    package static let absoluteSendTime = "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time"
    package static let absoluteCaptureTime = "http://www.webrtc.org/experiments/rtp-hdrext/abs-capture-time"
    package static let playoutDelay = "http://www.webrtc.org/experiments/rtp-hdrext/playout-delay"
    package static let frameMarking = "urn:ietf:params:rtp-hdrext:framemarking"
    package static let dependencyDescriptor =
        "https://aomediacodec.github.io/av1-rtp-spec/#dependency-descriptor-rtp-header-extension"
    package static let videoOrientation = "urn:3gpp:video-orientation"
}
