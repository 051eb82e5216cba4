package import LiveKitCore

/// Protects what goes out to one peer. ``SRTPSender`` is the implementation.
package protocol PacketProtector: AnyObject {
    var profile: SRTPProfile { get }
    /// Protects the RTP packet in the first `count` bytes of `buffer` and returns the new size.
    func protect(_ buffer: UnsafeMutableRawBufferPointer, count: Int) throws(SRTPError) -> Int
    /// Protects the compound RTCP packet in the first `count` bytes of `buffer` and returns the new size.
    func protectRTCP(_ buffer: UnsafeMutableRawBufferPointer, count: Int) throws(SRTPError) -> Int
    /// Forgets that a stream is live.
    func retire(ssrc: SSRC)
}

/// Opens what one peer sends. ``SRTPReceiver`` is the implementation.
package protocol PacketOpener: AnyObject {
    /// Opens the SRTP packet that fills `packet`, in place, and returns the RTP packet's size.
    func unprotectRTP(_ packet: UnsafeMutableRawBufferPointer) throws(SRTPError) -> Int
    /// Opens the SRTCP packet that fills `packet`, in place, and returns the RTCP packet's size.
    func unprotectRTCP(_ packet: UnsafeMutableRawBufferPointer) throws(SRTPError) -> Int
    /// Announces a stream.
    func allow(ssrc: SSRC)
    /// Frees a stream's state.
    func remove(ssrc: SSRC)
}

extension SRTPSender: PacketProtector {}
extension SRTPReceiver: PacketOpener {}

/// Both directions of one connection's media under the keys of one handshake.
package struct PacketProtection {
    package let protector: any PacketProtector
    package let opener: any PacketOpener

    package init(protector: any PacketProtector, opener: any PacketOpener) {
        self.protector = protector
        self.opener = opener
    }

    /// SRTP (RFC 3711, RFC 7714): what every connection uses.
    package static func srtp(_ material: SRTPKeyingMaterial) throws(SRTPError) -> PacketProtection {
        PacketProtection(protector: try SRTPSender(material), opener: try SRTPReceiver(material))
    }
}
