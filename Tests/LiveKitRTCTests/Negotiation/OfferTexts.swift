/// Offers in the shape of real peers.
enum OfferTexts {
    private static let fingerprint =
        "sha-256 11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:00"

    /// Chromium publishing: data, a microphone with RED, a camera in three layers by rid.
    static let chromiumSimulcast = """
        v=0
        o=- 5498186869896684180 2 IN IP4 127.0.0.1
        s=-
        t=0 0
        a=group:BUNDLE 0 1 2
        a=extmap-allow-mixed
        a=msid-semantic: WMS stream
        m=application 9 UDP/DTLS/SCTP webrtc-datachannel
        c=IN IP4 0.0.0.0
        a=ice-ufrag:wYRM
        a=ice-pwd:0bkRGpPTVbQVHLVGTcbpaPHj
        a=ice-options:trickle
        a=fingerprint:\(fingerprint)
        a=setup:actpass
        a=mid:0
        a=sctp-port:5000
        a=max-message-size:262144
        m=audio 9 UDP/TLS/RTP/SAVPF 111 63 9 0 8 13 110 126
        c=IN IP4 0.0.0.0
        a=rtcp:9 IN IP4 0.0.0.0
        a=ice-ufrag:wYRM
        a=ice-pwd:0bkRGpPTVbQVHLVGTcbpaPHj
        a=ice-options:trickle
        a=fingerprint:\(fingerprint)
        a=setup:actpass
        a=mid:1
        a=extmap:1 urn:ietf:params:rtp-hdrext:ssrc-audio-level
        a=extmap:2 http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time
        a=extmap:3 http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01
        a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid
        a=sendonly
        a=msid:stream mic
        a=rtcp-mux
        a=rtcp-rsize
        a=rtpmap:111 opus/48000/2
        a=rtcp-fb:111 transport-cc
        a=rtcp-fb:111 nack
        a=fmtp:111 minptime=10;useinbandfec=1
        a=rtpmap:63 red/48000/2
        a=fmtp:63 111/111
        a=rtpmap:9 G722/8000
        a=rtpmap:0 PCMU/8000
        a=rtpmap:8 PCMA/8000
        a=rtpmap:13 CN/8000
        a=rtpmap:110 telephone-event/48000
        a=rtpmap:126 telephone-event/8000
        a=ssrc:2233075910 cname:VhHMGYCjn4alR9zP
        a=ssrc:2233075910 msid:stream mic
        m=video 9 UDP/TLS/RTP/SAVPF 96 97 103 104 107 108 109 114 115 116 45 46 98 99
        c=IN IP4 0.0.0.0
        a=rtcp:9 IN IP4 0.0.0.0
        a=ice-ufrag:wYRM
        a=ice-pwd:0bkRGpPTVbQVHLVGTcbpaPHj
        a=ice-options:trickle
        a=fingerprint:\(fingerprint)
        a=setup:actpass
        a=mid:2
        a=extmap:14 urn:ietf:params:rtp-hdrext:toffset
        a=extmap:2 http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time
        a=extmap:13 urn:3gpp:video-orientation
        a=extmap:3 http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01
        a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid
        a=extmap:10 urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id
        a=extmap:11 urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id
        a=sendonly
        a=msid:stream cam
        a=rtcp-mux
        a=rtcp-rsize
        a=rtpmap:96 VP8/90000
        a=rtcp-fb:96 goog-remb
        a=rtcp-fb:96 transport-cc
        a=rtcp-fb:96 ccm fir
        a=rtcp-fb:96 nack
        a=rtcp-fb:96 nack pli
        a=rtpmap:97 rtx/90000
        a=fmtp:97 apt=96
        a=rtpmap:103 H264/90000
        a=rtcp-fb:103 nack pli
        a=fmtp:103 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42001f
        a=rtpmap:104 rtx/90000
        a=fmtp:104 apt=103
        a=rtpmap:107 H264/90000
        a=fmtp:107 level-asymmetry-allowed=1;packetization-mode=0;profile-level-id=42e01f
        a=rtpmap:108 rtx/90000
        a=fmtp:108 apt=107
        a=rtpmap:109 H264/90000
        a=fmtp:109 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=f4001f
        a=rtpmap:114 rtx/90000
        a=fmtp:114 apt=109
        a=rtpmap:115 red/90000
        a=rtpmap:116 ulpfec/90000
        a=rtpmap:45 AV1/90000
        a=fmtp:45 level-idx=5;profile=0;tier=0
        a=rtpmap:46 rtx/90000
        a=fmtp:46 apt=45
        a=rtpmap:98 VP9/90000
        a=fmtp:98 profile-id=2
        a=rtpmap:99 rtx/90000
        a=fmtp:99 apt=98
        a=rid:q send
        a=rid:h send
        a=rid:f send
        a=simulcast:send q;h;f

        """

    /// libwebrtc through the Python SDK: one camera layer by SSRC, no rids.
    static let libwebrtcSSRC = """
        v=0
        o=- 4611731400430051336 3 IN IP4 127.0.0.1
        s=-
        t=0 0
        a=group:BUNDLE 0
        a=msid-semantic: WMS
        m=video 9 UDP/TLS/RTP/SAVPF 100 101
        c=IN IP4 0.0.0.0
        a=candidate:1 1 udp 2122260223 192.0.2.7 50000 typ host generation 0 network-id 1
        a=candidate:1 2 udp 2122260222 192.0.2.7 50001 typ host generation 0 network-id 1
        a=ice-ufrag:abcd
        a=ice-pwd:abcdefghijklmnopqrstuvwx
        a=fingerprint:\(fingerprint)
        a=setup:actpass
        a=mid:0
        a=sendrecv
        a=msid:- cam
        a=rtcp-mux
        a=rtpmap:100 VP8/90000
        a=rtcp-fb:100 nack
        a=rtpmap:101 rtx/90000
        a=fmtp:101 apt=100
        a=ssrc-group:SIM 11 12
        a=ssrc-group:FID 11 21
        a=ssrc-group:FID 12 22
        a=ssrc:11 cname:c
        a=ssrc:21 cname:c
        a=ssrc:12 cname:c
        a=ssrc:22 cname:c

        """

    /// aiortc: the fingerprints and credentials of each section differ, data channels in the form before RFC 8841.
    static let aiortc = """
        v=0
        o=- 3890000000 3890000000 IN IP4 0.0.0.0
        s=-
        t=0 0
        a=group:BUNDLE 0 1
        a=msid-semantic:WMS *
        m=audio 40000 UDP/TLS/RTP/SAVPF 96 0 8
        c=IN IP4 192.0.2.9
        a=sendrecv
        a=extmap:1 urn:ietf:params:rtp-hdrext:sdes:mid
        a=extmap:2 urn:ietf:params:rtp-hdrext:ssrc-audio-level
        a=mid:0
        a=msid:5c8b0ec5 0a1bc9e4
        a=rtcp:9 IN IP4 0.0.0.0
        a=rtcp-mux
        a=ssrc:1944796561 cname:0f6c4b2c
        a=rtpmap:96 opus/48000/2
        a=rtpmap:0 PCMU/8000
        a=rtpmap:8 PCMA/8000
        a=candidate:f9 1 udp 2130706431 192.0.2.9 40000 typ host
        a=end-of-candidates
        a=ice-ufrag:5VTJ
        a=ice-pwd:JeNLzBBYzcGDpgqDAdHdMX
        a=fingerprint:\(fingerprint)
        a=setup:actpass
        m=application 40002 DTLS/SCTP 5000
        c=IN IP4 192.0.2.9
        a=mid:1
        a=sctpmap:5000 webrtc-datachannel 65535
        a=max-message-size:65536
        a=candidate:f9 1 udp 2130706431 192.0.2.9 40002 typ host
        a=end-of-candidates
        a=ice-ufrag:XXXX
        a=ice-pwd:YYYYYYYYYYYYYYYYYYYYYY
        a=fingerprint:\(fingerprint)
        a=setup:actpass

        """

}
