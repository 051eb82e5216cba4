/// What a section of a description carries.
package enum SectionKind: Hashable, Sendable {
    case audio
    case video
    /// Data channels.
    case application
    /// Something that we never accept.
    case unsupported

    init(media: String) {
        self =
            switch media {
            case "audio": .audio
            case "video": .video
            case "application": .application
            default: .unsupported
            }
    }
}
