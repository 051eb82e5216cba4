/// The bounds of the container readers: a forged length must not claim memory that the file cannot fill.
enum ContainerLimits {
    /// A VP8 keyframe of 4096 by 2304 at the best quality stays well below 8 MiB.
    static let videoFrameSize = 8 * 1024 * 1024
    /// Far above 120 ms of Opus in the largest frames (7.7 kB); RFC 7845 §6 asks to take 61 440 bytes.
    static let audioPacketSize = 61_440
    /// RFC 7845 §6 lets a reader refuse comments of more than this many bytes; pictures in them do not matter to us.
    static let commentsSize = 1024 * 1024
    /// Bytes that are searched or skipped for pages of other streams before the file counts as broken.
    static let foreignBytes = 64 * 1024 * 1024
}
