internal import LiveKitCore

extension SCTPConfiguration {
    /// The timeouts of INIT and COOKIE ECHO, which no peer answers late on purpose: from ``handshakeTimeout`` to
    /// twice that, because four datagrams of a hundred bytes congest nobody, and doubling would spend a join's time
    /// on waiting.
    var ofHandshake: SCTPConfiguration {
        var copy = self
        copy.initialTimeout = handshakeTimeout
        copy.minimumTimeout = handshakeTimeout
        copy.maximumBackoff = handshakeTimeout * 2
        return copy
    }
}
