package import Foundation

/// The corpora that stand beside the repository, when they do. Tests that read them are skipped otherwise.
package enum TestData {
    /// `../shared/testdata` seen from the repository's root, or `nil` where it is not there.
    package static let root: URL? = {
        let repository = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let root = repository.deletingLastPathComponent().appending(path: "shared/testdata")
        return FileManager.default.fileExists(atPath: root.path) ? root : nil
    }()

    /// The files below `folder` whose names end in `suffix`, sorted by path.
    package static func files(in folder: String, suffix: String = "") -> [URL] {
        guard let root, let found = FileManager.default.enumerator(atPath: root.appending(path: folder).path)
        else { return [] }
        return found.compactMap { $0 as? String }.filter { $0.hasSuffix(suffix) }.sorted()
            .map { root.appending(path: folder).appending(path: $0) }
            .filter { !((try? $0.resourceValues(forKeys: [.isDirectoryKey]).isDirectory) ?? true) }
    }

    /// The whole content of one file.
    package static func bytes(of url: URL) throws -> [UInt8] {
        [UInt8](try Data(contentsOf: url))
    }
}
