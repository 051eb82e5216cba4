internal import LiveKitRTCTransport

/// What a program that is nothing but a server does to its process before it starts one.
public enum ServerProcess {
    /// Lets the process have as many sockets open as the system allows: the usual limit of 1024 is soon reached by
    /// clients that connect.
    ///
    /// - Returns: how many that are.
    @discardableResult
    public static func raiseOpenFileLimit() -> Int { OpenFiles.raiseLimit() }
}
