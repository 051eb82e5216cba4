internal import LiveKitCore
internal import LiveKitRTC

/// The absence of SRTP, as large as SRTP: for simulations that measure everything but the cipher. It keeps packets
/// readable, takes forged ones and repeated ones. It exists among the tests alone.
final class UnprotectedPackets: PacketProtector, PacketOpener {
    let profile: SRTPProfile

    init(profile: SRTPProfile) {
        self.profile = profile
    }

    static func both(_ material: SRTPKeyingMaterial) -> PacketProtection {
        let packets = UnprotectedPackets(profile: material.profile)
        return PacketProtection(protector: packets, opener: packets)
    }

    func protect(_ buffer: UnsafeMutableRawBufferPointer, count: Int) -> Int { count + profile.tagSize }
    func protectRTCP(_ buffer: UnsafeMutableRawBufferPointer, count: Int) -> Int { count + profile.controlOverhead }
    func unprotectRTP(_ packet: UnsafeMutableRawBufferPointer) -> Int { packet.count - profile.tagSize }
    func unprotectRTCP(_ packet: UnsafeMutableRawBufferPointer) -> Int { packet.count - profile.controlOverhead }
    func allow(ssrc: SSRC) {}
    func remove(ssrc: SSRC) {}
    func retire(ssrc: SSRC) {}
}
