internal import Foundation

/// Where a container reader takes its bytes from: a file, or memory.
final class ByteSource {
    private enum Storage {
        case memory([UInt8])
        case file(FileHandle)
    }

    private let storage: Storage
    /// Bytes read so far.
    private(set) var offset = 0

    init(bytes: [UInt8]) {
        storage = .memory(bytes)
    }

    init(path: String) throws(ContainerError) {
        guard let handle = FileHandle(forReadingAtPath: path) else {
            throw ContainerError(.fileFailure, "\(path) cannot be opened for reading.")
        }
        storage = .file(handle)
    }

    /// Reads `count` bytes, or as many as are left.
    func read(upTo count: Int) throws(ContainerError) -> [UInt8] {
        switch storage {
        case .memory(let bytes):
            let end = min(bytes.count, offset + count)
            defer { offset = end }
            return Array(bytes[offset..<end])
        case .file(let handle):
            do {
                var result: [UInt8] = []
                while result.count < count, let data = try handle.read(upToCount: count - result.count), !data.isEmpty {
                    result.append(contentsOf: data)
                }
                offset += result.count
                return result
            } catch { throw ContainerError(.fileFailure, "Reading failed: \(error).") }
        }
    }

    /// Reads exactly `count` bytes.
    func read(exactly count: Int, of what: String) throws(ContainerError) -> [UInt8] {
        let bytes = try read(upTo: count)
        guard bytes.count == count else {
            throw ContainerError(.truncated, "The file ends in \(what): \(bytes.count) of \(count) bytes.")
        }
        return bytes
    }

    /// Goes to a place in the file.
    func seek(to offset: Int) throws(ContainerError) {
        if case .file(let handle) = storage {
            do { try handle.seek(toOffset: UInt64(offset)) } catch {
                throw ContainerError(.fileFailure, "Seeking failed: \(error).")
            }
        }
        self.offset = offset
    }
}
