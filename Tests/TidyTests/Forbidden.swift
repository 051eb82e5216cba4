import Testing

/// Code that may stand only where a reason is written.
struct Forbidden: CustomTestStringConvertible, Sendable {
    struct Exception: Sendable {
        /// A file, or a folder with its slash.
        let path: String
        let why: String

        init(_ path: String, _ why: String) {
            self.path = path
            self.why = why
        }
    }

    let name: String
    /// A regular expression over one line of code.
    let pattern: String
    let reason: String
    /// The folders that it is forbidden in.
    var folders = ["Sources/", "Examples/"]
    var exceptions: [Exception] = []

    var testDescription: String { name }

    func concerns(_ file: SwiftSource) -> Bool {
        folders.contains { file.path.hasPrefix($0) }
    }

    func isAllowed(in file: SwiftSource) -> Bool {
        exceptions.contains { file.path.hasPrefix($0.path) }
    }
}

extension Forbidden {
    static let all = [
        clocks, dates, randomness, engineRandomness, asynchronousEngine, tasks, unchecked, unsafeGlobals, forcedTry,
        forcedCast, fatal, dispatch, locks,
    ]

    private static let engine = ["Sources/LiveKitCore/", "Sources/LiveKitRTC/"]

    static let clocks = Forbidden(
        name: "ContinuousClock.now", pattern: #"(ContinuousClock|SuspendingClock)(\(\))?\.now"#,
        reason: "time is handed in",
        exceptions: [
            Exception("Sources/LiveKitServerKit/Control/ServerClock.swift", "the control plane's one clock"),
            Exception("Sources/LiveKitPSRPC/RPC/RPCClock.swift", "the one clock of calls between nodes"),
            Exception("Sources/LiveKitClient/Room/", "a session pings and measures; it is off the media path"),
        ])
    static let dates = Forbidden(
        name: "Date()", pattern: #"\bDate\(\)|\bDate\.now|DispatchTime"#, reason: "time is handed in",
        exceptions: [
            Exception("Sources/LiveKitServerKit/Control/ServerClock.swift", "tokens and API fields tell wall time"),
            Exception("Sources/LiveKitPSRPC/RPC/RPCClock.swift", "requests between nodes say until when they are good"),
            Exception("Sources/LiveKitServerAPI/Twirp/WallClock.swift", "tokens tell wall time"),
            Exception("Examples/", "a main program knows the time of day"),
        ])
    static let randomness = Forbidden(
        name: "SystemRandomNumberGenerator", pattern: "SystemRandomNumberGenerator", reason: "randomness is handed in",
        exceptions: [
            Exception(
                "Sources/LiveKitRTCTransport/Peer/SecureRandom.swift", "where the engine's secure bytes come from")
        ])
    static let engineRandomness = Forbidden(
        name: "random(in:) of the system", pattern: #"\.random\((?!.*using:)"#, reason: "randomness is handed in",
        folders: engine)
    static let asynchronousEngine = Forbidden(
        name: "async, await", pattern: #"\b(async|await)\b"#, reason: "the engine is synchronous", folders: engine)
    static let tasks = Forbidden(
        name: "Task {", pattern: #"\bTask(<[^>]*>)?(\([^)]*\))? \{|\bTask\.detached|\bTask\("#,
        reason: "tasks are structured",
        exceptions: [
            Exception("Sources/LiveKitClient/Room/RoomSession", "a session outlives the call that began it"),
            Exception("Sources/LiveKitClient/Codecs/", "a decoder lives as long as somebody watches"),
        ])
    static let unchecked = Forbidden(
        name: "@unchecked Sendable", pattern: "@unchecked Sendable", reason: "the compiler checks",
        exceptions: [
            Exception(
                "Sources/LiveKitClient/Participants/", "open for subclasses; constants and mutexes"),
            Exception("Sources/LiveKitClient/Tracks/", "open for subclasses; constants and mutexes"),
            Exception("Sources/LiveKitRTCTransport/Loop/LoopBound.swift", "a handle whose value stays on its loop"),
            Exception("Sources/LiveKitRTC/DTLS/DTLSCertificate.swift", "immutable; OpenSSL counts references"),
            Exception("Sources/LiveKitRTC/TLS/TLSClientContext.swift", "immutable; OpenSSL counts references"),
            Exception("Sources/LiveKitMedia/VP8/", "a noncopyable owner of a C codec, every use of which is mutating"),
            Exception("Sources/LiveKitMedia/Opus/", "a noncopyable owner of a C codec, every use of which is mutating"),
        ])
    static let unsafeGlobals = Forbidden(
        name: "nonisolated(unsafe)", pattern: #"nonisolated\(unsafe\)"#, reason: "the compiler checks",
        exceptions: [
            Exception(
                "Sources/LiveKitRTC/DTLS/DTLSDatagramBIO.swift", "OpenSSL's method table: written once, then read")
        ])
    static let forcedTry = Forbidden(name: "try!", pattern: "try!", reason: "errors are handled")
    static let forcedCast = Forbidden(name: "as!", pattern: #"\bas!"#, reason: "casts are checked")
    static let fatal = Forbidden(
        name: "fatalError", pattern: #"\bfatalError\("#, reason: "a broken invariant is a precondition with a sentence")
    static let dispatch = Forbidden(
        name: "Dispatch", pattern: #"\b(DispatchQueue|DispatchSemaphore|DispatchGroup|DispatchSource)\b"#,
        reason: "loops and tasks, no queues",
        exceptions: [
            Exception("Examples/bot-publisher/RunEnd.swift", "the system's way to hear of a signal")
        ])
    static let locks = Forbidden(
        name: "locks", pattern: #"\bMutex[<(]|NSLock|NIOLock|pthread_mutex|OSAllocatedUnfairLock|NSRecursiveLock"#,
        reason: "state is confined or in an actor",
        exceptions: [
            Exception("Sources/LiveKitRTCTransport/Loop/MediaLoop.swift", "the loop's mailbox, once for each burst"),
            Exception(
                "Sources/LiveKitServerKit/HTTP/Admission.swift", "an upgrade decided on one thread, used on another"),
            Exception(
                "Sources/LiveKitServerKit/HTTP/ConnectionSuccessor.swift", "decided on one thread, taken on another"),
            Exception(
                "Sources/LiveKitServerKit/Signalling/SignalOutbox.swift", "filled by the room, emptied by the socket"),
            Exception("Sources/LiveKitServerKit/HTTP/ConnectionGate.swift", "asked by every event loop that accepts"),
            Exception(
                "Sources/LiveKitPSRPC/Bus/LocalMessageBus.swift", "published to from any task, cancelled from any"),
            Exception("Sources/LiveKitServerKit/Control/JoinGate.swift", "asked by every join, told by every room"),
            Exception(
                "Sources/LiveKitServerKit/Control/RoomChanges.swift",
                "calls of the API wait, the roster lets them go on"),
            Exception("Sources/LiveKitServerKit/Operations/LogSampler.swift", "lines come from any thread"),
            Exception(
                "Sources/LiveKitServerKit/Operations/Prometheus/", "metrics come from any thread; never from a packet"),
            Exception("Examples/bot-publisher/", "gauges are fed by a decoder's task and read by the reporter's"),
            Exception("Sources/LiveKitClient/Room/", "what callers read without awaiting"),
            Exception("Sources/LiveKitClient/Participants/", "what callers read without awaiting"),
            Exception("Sources/LiveKitClient/Tracks/", "what callers read and feed from any thread"),
            Exception("Sources/LiveKitClient/Codecs/", "renderers come and go on any thread"),
            Exception(
                "Sources/LiveKitClient/Media/KeyframeRequests.swift", "asked on the loop, answered by the encoder"),
        ])
}
