// Requests and answers are LiveKit's own messages: whoever imports the clients has them too.
@_exported public import LiveKitCore
@_exported public import LiveKitProtobuf
