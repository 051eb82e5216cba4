internal import CLiveKitSystem

/// How many files and sockets the process may have open.
package enum OpenFiles {
    /// The limit as it is.
    package static var limit: Int { lk_open_files(0) }

    /// Raises the limit as far as the system lets a process. Returns the new one.
    @discardableResult
    package static func raiseLimit() -> Int { lk_open_files(1) }
}
