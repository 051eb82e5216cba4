internal import LiveKitCore

/// The peer's description, read and found sound in itself.
struct RemoteDescription: Hashable, Sendable {
    let sections: [RemoteSection]
    let allowsMixedExtensions: Bool
    /// Whether any sections share a transport by name.
    let hasBundle: Bool
    private let sessionAttributes: SDPAttributes
    /// The sections that can share the one transport: only those can be accepted.
    private let bundled: Set<Int>

    init(parsing text: String, maxSections: Int) throws(NegotiationError) {
        let description: SessionDescription
        do {
            description = try SessionDescription(parsing: text)
        } catch {
            throw .malformed(error)
        }
        guard description.media.count <= maxSections else { throw .tooManySections }
        let session = description.attributes
        sections = description.media.map { RemoteSection($0, session: session) }
        sessionAttributes = session
        allowsMixedExtensions = session.allowsMixedExtensions
        hasBundle = !session.bundleGroups.isEmpty
        bundled = Self.bundled(sections, groups: session.bundleGroups)

        var mids: Set<String> = []
        for section in sections {
            guard let mid = section.mid, !mid.isEmpty else {
                guard section.isRejected else { throw .missingMID }
                continue
            }
            guard mids.insert(mid).inserted else { throw .duplicateMID }
        }
    }

    /// Whether the peer left the section open and we can take it over the shared transport.
    func isUsable(_ index: Int) -> Bool {
        guard sections.indices.contains(index) else { return false }
        let section = sections[index]
        return !section.isRejected && section.isSupported && bundled.contains(index)
    }

    /// The transport as one of the sections describes it.
    func transport(ofSection index: Int) throws(NegotiationError) -> RemoteTransportParameters {
        guard sections.indices.contains(index) else { throw .missingICECredentials }
        var transport = try RemoteTransportParameters(sections[index].attributes, session: sessionAttributes)
        let data = sections.indices.first { sections[$0].kind == .application && isUsable($0) }
        if let data {
            transport.sctpPort = sections[data].sctpPort
            transport.maxMessageSize = sections[data].maxMessageSize
        }
        return transport
    }

    /// The first usable section's BUNDLE group, or without a group that section alone (RFC 8829 §5.3.1).
    private static func bundled(_ sections: [RemoteSection], groups: [SDPGroup]) -> Set<Int> {
        guard let first = sections.indices.first(where: { !sections[$0].isRejected && sections[$0].isSupported }),
            let mid = sections[first].mid
        else { return [] }
        guard let group = groups.first(where: { $0.mids.contains(mid) }) else { return [first] }
        return Set(sections.indices.filter { index in sections[index].mid.map(group.mids.contains) ?? false })
    }
}
