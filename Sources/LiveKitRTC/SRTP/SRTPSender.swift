package import LiveKitCore

/// Protects what goes out to one peer, over OpenSSL with reused contexts; byte for byte what libsrtp makes.
///
/// Owns the session keys, each stream's rollover counter and the RTCP index. Allocates nothing for a
/// packet. Does *not* guard against sending one sequence number with two payloads, which would reuse a
/// vector: a retransmission on the same SSRC has to be the same packet.
package final class SRTPSender {
    package let profile: SRTPProfile
    private let cipher: CipherContext
    private let control: CipherContext
    private let vector: InitializationVector
    private let controlVector: InitializationVector
    private let authentication: HMACSHA1
    private let controlAuthentication: HMACSHA1
    private var rollover = RolloverTable()
    /// The last SRTCP index, one for all senders of the session: unique is all it has to be.
    private var controlIndex: UInt32

    /// The top bit of SRTCP's trailer: the packet is encrypted (RFC 3711 §3.4).
    private static let encryptedFlag: UInt32 = 1 << 31

    /// Protects with the local keys of `material`.
    package convenience init(_ material: SRTPKeyingMaterial) throws(SRTPError) {
        try self.init(
            profile: material.profile,
            rtp: SRTPKeyDerivation.sessionKeys(for: .rtp, profile: material.profile, master: material.local),
            rtcp: SRTPKeyDerivation.sessionKeys(for: .rtcp, profile: material.profile, master: material.local))
    }

    init(
        profile: SRTPProfile, rtp: SRTPSessionKeys, rtcp: SRTPSessionKeys, lastControlIndex: UInt32 = 0
    ) throws(SRTPError) {
        let mode: CipherContext.Mode = profile.isAEAD ? .galois : .counterMode
        self.profile = profile
        cipher = try CipherContext(mode, key: rtp.cipherKey)
        control = try CipherContext(mode, key: rtcp.cipherKey)
        vector = InitializationVector(salt: rtp.salt)
        controlVector = InitializationVector(salt: rtcp.salt)
        authentication = HMACSHA1(key: rtp.authenticationKey)
        controlAuthentication = HMACSHA1(key: rtcp.authenticationKey)
        controlIndex = lastControlIndex
    }

    /// Forgets that a stream is live; its rollover counter stays until the place is needed.
    package func retire(ssrc: SSRC) {
        rollover.retire(ssrc: ssrc.rawValue)
    }

    /// Protects the RTP packet in the first `count` bytes of `buffer`, in place.
    ///
    /// - Precondition: `buffer` has room for the profile's tag behind the packet.
    /// - Returns: The protected packet's size.
    package func protect(_ buffer: UnsafeMutableRawBufferPointer, count: Int) throws(SRTPError) -> Int {
        precondition(count >= 0 && count + profile.tagSize <= buffer.count, "no room for SRTP's tag")
        let packet = unsafe UnsafeRawBufferPointer(rebasing: buffer[0..<count])
        let header = unsafe try SRTPHeader(parsing: packet)
        guard let start = buffer.baseAddress else { throw .malformed }
        return unsafe try protect(header, payload: UnsafeRawBufferPointer(rebasing: packet[header.size...]), at: start)
    }

    /// Copies `header`, the whole RTP header with CSRCs and extension and nothing behind, and encrypts
    /// `payload` straight behind it.
    ///
    /// - Precondition: `target` has room for header, payload and the profile's tag, and overlaps neither.
    /// - Returns: The protected packet's size.
    package func protect(
        header: UnsafeRawBufferPointer, payload: UnsafeRawBufferPointer, into target: UnsafeMutableRawPointer
    ) throws(SRTPError) -> Int {
        let fields = unsafe try SRTPHeader(parsing: header)
        guard fields.size == header.count, let source = header.baseAddress else { throw .malformed }
        unsafe target.copyMemory(from: source, byteCount: header.count)
        return unsafe try protect(fields, payload: payload, at: target)
    }

    @inline(__always)
    private func protect(
        _ header: SRTPHeader, payload: UnsafeRawBufferPointer, at start: UnsafeMutableRawPointer
    ) throws(SRTPError) -> Int {
        let index = try rollover.index(of: header.sequenceNumber, ssrc: header.ssrc)
        let target = unsafe start + header.size
        let size = header.size + payload.count
        if profile.isAEAD {
            let clear = unsafe UnsafeRawBufferPointer(start: start, count: header.size)
            let vector = vector.galoisRTP(ssrc: header.ssrc, index: index)
            guard unsafe cipher.seal(vector, clear: clear, plaintext: payload, into: target) else {
                throw .cipherFailed
            }
        } else {
            if let source = payload.baseAddress, payload.count > 0 {
                let vector = vector.counterMode(ssrc: header.ssrc, index: index)
                guard unsafe cipher.applyKeystream(vector, from: source, count: payload.count, to: target) else {
                    throw .cipherFailed
                }
            }
            unsafe authentication.authenticate(
                UnsafeRawBufferPointer(start: start, count: size), suffix: UInt32(truncatingIfNeeded: index >> 16),
                tagSize: profile.tagSize, to: start + size)
        }
        return size + profile.tagSize
    }

    /// Protects the compound RTCP packet in the first `count` bytes of `buffer`, in place.
    ///
    /// - Precondition: `buffer` has room for the profile's ``SRTPProfile/controlOverhead`` behind the packet.
    /// - Returns: The protected packet's size.
    package func protectRTCP(_ buffer: UnsafeMutableRawBufferPointer, count: Int) throws(SRTPError) -> Int {
        precondition(count >= 0 && count + profile.controlOverhead <= buffer.count, "no room for SRTCP's trailer")
        let packet = unsafe UnsafeRawBufferPointer(rebasing: buffer[0..<count])
        let ssrc = unsafe try SRTCPHeader(parsing: packet).ssrc
        guard let start = buffer.baseAddress else { throw .malformed }
        controlIndex = (controlIndex &+ 1) & ~Self.encryptedFlag
        let trailer = controlIndex | Self.encryptedFlag
        let payload = unsafe UnsafeRawBufferPointer(rebasing: packet[SRTCPHeader.size...])
        let target = unsafe start + SRTCPHeader.size
        if profile.isAEAD {
            let clear = unsafe UnsafeRawBufferPointer(start: start, count: SRTCPHeader.size)
            let vector = controlVector.galoisRTCP(ssrc: ssrc, index: controlIndex)
            guard unsafe control.seal(vector, clear: clear, trailer: trailer, plaintext: payload, into: target) else {
                throw .cipherFailed
            }
            unsafe (start + count + profile.controlTagSize).storeBytes(of: trailer.bigEndian, as: UInt32.self)
        } else {
            let vector = controlVector.counterMode(ssrc: ssrc, index: UInt64(controlIndex))
            if let source = payload.baseAddress, payload.count > 0 {
                guard unsafe control.applyKeystream(vector, from: source, count: payload.count, to: target) else {
                    throw .cipherFailed
                }
            }
            unsafe (start + count).storeBytes(of: trailer.bigEndian, as: UInt32.self)
            unsafe controlAuthentication.authenticate(
                UnsafeRawBufferPointer(start: start, count: count + 4), tagSize: profile.controlTagSize,
                to: start + count + 4)
        }
        return count + profile.controlOverhead
    }
}
