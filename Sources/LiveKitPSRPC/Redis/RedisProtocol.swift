internal import CHiredis

/// Makes replies of the bytes of a connection (hiredis' reader). Every unsafe use of the module is in this file.
@safe struct RedisReplyReader: ~Copyable {
    private let reader: UnsafeMutablePointer<redisReader>
    private let functions: UnsafeMutablePointer<redisReplyObjectFunctions>
    /// Bytes of the reply that is under way, those that the reader has dealt with among them.
    private var begun = 0

    init() {
        guard let reader = unsafe redisReaderCreate() else { preconditionFailure("no memory for a reader of replies") }
        unsafe self.reader = reader
        unsafe functions = .allocate(capacity: 1)
        unsafe functions.initialize(to: Self.bounded)
        unsafe reader.pointee.fn = functions
    }

    deinit {
        unsafe redisReaderFree(reader)
        unsafe functions.deallocate()
    }

    /// hiredis' own, which make objects of replies.
    private static let standard: redisReplyObjectFunctions = {
        guard let reader = unsafe redisReaderCreate() else { preconditionFailure("no memory for a reader of replies") }
        defer { unsafe redisReaderFree(reader) }
        return unsafe reader.pointee.fn.pointee
    }()

    /// The same, but an array is made only within ``RedisLimits``: hiredis takes memory for all of its elements when they
    /// are announced, and from 1.0 on nests them without a bound.
    private static let bounded: redisReplyObjectFunctions = {
        var functions = standard
        unsafe functions.createArray = { task, elements in
            var (depth, parent) = unsafe (0, task?.pointee.parent)
            while let next = unsafe parent {
                depth += 1
                unsafe parent = next.pointee.parent
            }
            guard elements <= RedisLimits.replyElements, depth < RedisLimits.replyDepth else { return nil }
            return unsafe RedisReplyReader.standard.createArray?(task, elements)
        }
        return functions
    }()

    /// - Throws: ``RedisError/unexpectedReply(_:)`` after bytes that are no reply, or one that is too large.
    mutating func append(_ bytes: UnsafeRawBufferPointer) throws(RedisError) {
        guard bytes.count > 0 else { return }
        begun += bytes.count
        guard begun <= RedisLimits.replyBytes else {
            throw .unexpectedReply("more than \(RedisLimits.replyBytes) bytes")
        }
        let start = unsafe bytes.baseAddress?.assumingMemoryBound(to: CChar.self)
        guard unsafe redisReaderFeed(reader, start, bytes.count) == REDIS_OK else { throw failure }
    }

    /// The next whole reply.
    mutating func next() throws(RedisError) -> RedisReply? {
        var object: UnsafeMutableRawPointer?
        guard unsafe redisReaderGetReply(reader, &object) == REDIS_OK else { throw failure }
        guard let object = unsafe object else { return nil }
        defer { unsafe freeReplyObject(object) }
        begun = unsafe Int(clamping: reader.pointee.len - reader.pointee.pos)
        return try unsafe Self.reply(object.assumingMemoryBound(to: redisReply.self))
    }

    private var failure: RedisError {
        let length = unsafe withUnsafeBytes(of: reader.pointee.errstr) { unsafe Array($0.prefix { $0 != 0 }) }
        return .unexpectedReply(String(decoding: length, as: UTF8.self))
    }

    /// Recursion ends: what is nested deeper than ``RedisLimits/replyDepth`` was refused.
    private static func reply(_ object: UnsafeMutablePointer<redisReply>) throws(RedisError) -> RedisReply {
        switch unsafe object.pointee.type {
        case REDIS_REPLY_NIL: return .null
        case REDIS_REPLY_INTEGER: return unsafe .integer(object.pointee.integer)
        case REDIS_REPLY_STRING: return unsafe .bytes(bytes(object))
        case REDIS_REPLY_STATUS: return unsafe .status(String(decoding: bytes(object), as: UTF8.self))
        case REDIS_REPLY_ERROR: return unsafe .error(String(decoding: bytes(object), as: UTF8.self))
        case REDIS_REPLY_ARRAY:
            var elements: [RedisReply] = []
            for index in unsafe 0..<Int(clamping: object.pointee.elements) {
                guard let element = unsafe object.pointee.element?[index] else { break }
                elements.append(try unsafe reply(element))
            }
            return .array(elements)
        default: throw unsafe .unexpectedReply("type \(object.pointee.type)")
        }
    }

    private static func bytes(_ object: UnsafeMutablePointer<redisReply>) -> [UInt8] {
        let start = unsafe UnsafeRawPointer(object.pointee.str)
        return unsafe Array(UnsafeRawBufferPointer(start: start, count: Int(clamping: object.pointee.len)))
    }
}

extension RedisCommand {
    /// The command on the wire, by hiredis.
    var encoded: [UInt8] {
        let flat = arguments.flatMap { $0.map(CChar.init(bitPattern:)) }
        let lengths = arguments.map(\.count)
        return unsafe flat.withUnsafeBufferPointer { flat in
            // Where nothing has bytes, any address does.
            let base = unsafe flat.baseAddress ?? UnsafePointer(bitPattern: 1)
            var offset = 0
            var starts: [UnsafePointer<CChar>?] = unsafe lengths.map { length in
                defer { offset += length }
                return unsafe base.map { unsafe $0 + offset }
            }
            var text: UnsafeMutablePointer<CChar>?
            let count = unsafe redisFormatCommandArgv(&text, CInt(clamping: lengths.count), &starts, lengths)
            guard count > 0, let text = unsafe text else { preconditionFailure("no memory for a command") }
            defer { unsafe redisFreeCommand(text) }
            return unsafe Array(UnsafeRawBufferPointer(start: text, count: Int(count)))
        }
    }
}
