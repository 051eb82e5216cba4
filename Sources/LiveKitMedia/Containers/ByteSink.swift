internal import Foundation

/// Where a container writer puts its bytes: a file, or memory.
final class ByteSink {
    private let handle: FileHandle?
    /// What was written, while it goes to memory.
    private(set) var bytes: [UInt8] = []

    /// Writes to memory.
    init() {
        handle = nil
    }

    /// Writes to a file, which is created or emptied.
    init(path: String) throws(ContainerError) {
        guard FileManager.default.createFile(atPath: path, contents: nil),
            let handle = FileHandle(forWritingAtPath: path)
        else { throw ContainerError(.fileFailure, "\(path) cannot be opened for writing.") }
        self.handle = handle
    }

    func write(_ new: [UInt8]) throws(ContainerError) {
        guard let handle else {
            bytes.append(contentsOf: new)
            return
        }
        do { try handle.write(contentsOf: Data(new)) } catch {
            throw ContainerError(.fileFailure, "Writing failed: \(error).")
        }
    }

    /// Replaces bytes that were written before, and returns to the end.
    func overwrite(_ new: [UInt8], at offset: Int) throws(ContainerError) {
        guard let handle else {
            precondition(offset + new.count <= bytes.count, "overwriting past the end")
            bytes.replaceSubrange(offset..<offset + new.count, with: new)
            return
        }
        do {
            try handle.seek(toOffset: UInt64(offset))
            try handle.write(contentsOf: Data(new))
            try handle.seekToEnd()
        } catch { throw ContainerError(.fileFailure, "Writing failed: \(error).") }
    }
}
