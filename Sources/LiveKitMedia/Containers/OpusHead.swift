internal import LiveKitCore

/// The first packet of an Ogg Opus stream.
///
/// - SeeAlso: [RFC 7845 §5.1](https://www.rfc-editor.org/rfc/rfc7845#section-5.1).
public struct OpusHead: Hashable, Sendable {
    /// 1 for mono, 2 for stereo.
    public var channels: Int
    /// Sample frames at 48 kHz that a player drops at the start, while the decoder settles.
    public var preSkip: Int
    /// The rate of the sound before it was compressed; for information.
    public var inputSampleRate: Int
    /// The gain to apply after decoding, in 1/256 decibels.
    public var outputGain: Int

    /// Creates a head; 312 sample frames are libopus' own delay.
    public init(channels: Int, preSkip: Int = 312, inputSampleRate: Int = 48_000, outputGain: Int = 0) {
        self.channels = channels
        self.preSkip = preSkip
        self.inputSampleRate = inputSampleRate
        self.outputGain = outputGain
    }

    static let magic = "OpusHead"

    init(parsing bytes: [UInt8]) throws(ContainerError) {
        let version: UInt8
        let family: UInt8
        do throws(WireError) {
            var reader = ByteReader(bytes.rawSpan)
            guard try reader.readString(8) == Self.magic else { throw WireError.invalid(.type) }
            version = try reader.read()
            channels = Int(try reader.read(UInt8.self))
            preSkip = Int(try reader.readLittleEndian(UInt16.self))
            inputSampleRate = Int(try reader.readLittleEndian(UInt32.self))
            outputGain = Int(try reader.readLittleEndian(Int16.self))
            family = try reader.read()
        } catch { throw ContainerError(.corrupt, "The stream does not begin with an OpusHead: \(error).") }
        // The upper half of the version is the incompatible part; family 0 is mono and stereo (RFC 7845 §5.1.1.1).
        guard version & 0xF0 == 0, family == 0 else {
            throw ContainerError(.unsupported, "OpusHead version \(version), channel mapping \(family).")
        }
        guard (1...2).contains(channels) else {
            throw ContainerError(.corrupt, "Channel mapping 0 has one or two channels, not \(channels).")
        }
    }

    func encoded() -> [UInt8] {
        var writer = ByteWriter(capacity: 19)
        writer.write(utf8: Self.magic)
        writer.write(UInt8(1))
        writer.write(UInt8(clamping: channels))
        writer.write(littleEndian: UInt16(clamping: preSkip))
        writer.write(littleEndian: UInt32(clamping: inputSampleRate))
        writer.write(littleEndian: Int16(clamping: outputGain))
        writer.write(UInt8(0))
        return writer.bytes
    }
}

/// The second packet of an Ogg Opus stream: who wrote it, and free `NAME=value` comments.
///
/// - SeeAlso: [RFC 7845 §5.2](https://www.rfc-editor.org/rfc/rfc7845#section-5.2).
public struct OpusTags: Hashable, Sendable {
    /// The program that wrote the stream.
    public var vendor: String
    /// The comments, each `NAME=value`.
    public var comments: [String]

    /// Creates tags.
    public init(vendor: String = "swift-livekit", comments: [String] = []) {
        self.vendor = vendor
        self.comments = comments
    }

    static let magic = "OpusTags"

    init(parsing bytes: [UInt8]) throws(ContainerError) {
        do throws(WireError) {
            var reader = ByteReader(bytes.rawSpan)
            guard try reader.readString(8) == Self.magic else { throw WireError.invalid(.type) }
            vendor = try reader.readString(Int(try reader.readLittleEndian(UInt32.self)))
            let count: UInt32 = try reader.readLittleEndian()
            comments = []
            // Each comment takes four bytes at least, so the packet's own bound is a bound of the count.
            for _ in 0..<count {
                comments.append(try reader.readString(Int(try reader.readLittleEndian(UInt32.self))))
            }
        } catch { throw ContainerError(.corrupt, "The second packet is no OpusTags: \(error).") }
    }

    func encoded() -> [UInt8] {
        var writer = ByteWriter(capacity: 64)
        writer.write(utf8: Self.magic)
        for (index, text) in ([vendor] + comments).enumerated() {
            writer.write(littleEndian: UInt32(clamping: text.utf8.count))
            writer.write(utf8: text)
            if index == 0 { writer.write(littleEndian: UInt32(clamping: comments.count)) }
        }
        return writer.bytes
    }
}
