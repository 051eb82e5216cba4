internal import LiveKitCore

/// A request, with what answering it takes.
struct TURNRequest {
    let message: STUNMessage
    let client: TURNFiveTuple
    /// Bytes of the whole message.
    let size: Int

    init(_ message: STUNMessage, from client: TURNFiveTuple, size: Int) {
        self.message = message
        self.client = client
        self.size = size
    }

    func response(_ messageClass: STUNMessage.Class, _ attributes: [STUNAttribute]) -> STUNMessage {
        STUNMessage(
            class: messageClass, method: message.method, transactionID: message.transactionID, attributes: attributes)
    }
}
