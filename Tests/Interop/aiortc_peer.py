"""A participant made of aiortc: another stack's ICE, DTLS, SRTP and SCTP behind LiveKit's signalling."""

import asyncio
import contextlib
import fractions
import re
import time
from collections.abc import AsyncIterator, Callable

import aiortc
import av
import numpy
from livekit.protocol import models
from livekit.protocol import rtc as proto

import stamp
import support
from signalling import Signal, SignalClosed


class Picture(aiortc.VideoStreamTrack):
    """The moving picture with the stamp that `bot-publisher --watch` reads."""

    def __init__(self) -> None:
        super().__init__()
        self.counter = 0

    async def recv(self) -> av.VideoFrame:
        timestamp, base = await self.next_timestamp()
        bright = numpy.tile(((numpy.arange(640) + 4 * self.counter) // 80 * 40 % 160 + 50).astype(numpy.uint8), (360, 1))
        stamp.write(bright, self.counter, int(time.time() * 1000))
        self.counter += 1
        colour = numpy.full((180, 640), 128, dtype=numpy.uint8)
        frame = av.VideoFrame.from_ndarray(numpy.concatenate([bright, colour]), format="yuv420p")
        frame.pts, frame.time_base = timestamp, base
        return frame


class Tone(aiortc.MediaStreamTrack):
    """A sine, in frames of 20 ms."""

    kind = "audio"

    def __init__(self) -> None:
        super().__init__()
        self.position = 0
        self.start = time.monotonic()

    async def recv(self) -> av.AudioFrame:
        await asyncio.sleep(max(0.0, self.start + self.position / support.SAMPLE_RATE - time.monotonic()))
        times = (self.position + numpy.arange(960)) / support.SAMPLE_RATE
        wave = (numpy.sin(2 * numpy.pi * support.TONE * times) * 8000).astype(numpy.int16)
        frame = av.AudioFrame.from_ndarray(wave.reshape(1, -1), format="s16", layout="mono")
        frame.sample_rate, frame.pts = support.SAMPLE_RATE, self.position
        frame.time_base = fractions.Fraction(1, support.SAMPLE_RATE)
        self.position += 960
        return frame


class Peer:
    """One participant: a connection that it offers, and one that the server offers."""

    def __init__(self, signal: Signal, relay: int | None) -> None:
        self.signal = signal
        self.relay = relay
        plain = aiortc.RTCConfiguration(iceServers=[])
        self.publisher = aiortc.RTCPeerConnection(plain)
        self.subscriber = aiortc.RTCPeerConnection(plain)
        self.reliable = self.publisher.createDataChannel("_reliable", ordered=True)
        self.lossy = self.publisher.createDataChannel("_lossy", ordered=False, maxRetransmits=0)
        self.tracks: asyncio.Queue[aiortc.MediaStreamTrack] = asyncio.Queue()
        #: What came in, with the label of its channel.
        self.messages: asyncio.Queue[tuple[str, bytes]] = asyncio.Queue()
        self.announced: dict[str, asyncio.Future[models.TrackInfo]] = {}
        self.answer: asyncio.Future[proto.SessionDescription] | None = None
        self.ready = asyncio.Event()
        #: Is told of every message of the server.
        self.observer: Callable[[proto.SignalResponse], None] = lambda _: None
        self.subscriber.on("track", self.tracks.put_nowait)
        self.subscriber.on("datachannel", self.accept)
        self.reliable.on("open", self.ready.set)

    def accept(self, channel: aiortc.RTCDataChannel) -> None:
        def keep(message: bytes) -> None:
            self.messages.put_nowait((channel.label, models.DataPacket.FromString(message).user.payload))

        channel.on("message", keep)

    async def run(self) -> None:
        """Answers the server until the socket ends."""
        with contextlib.suppress(SignalClosed):
            while True:
                message = await self.signal.receive()
                self.observer(message)
                kind = message.WhichOneof("message")
                if kind == "offer":
                    await self.take(message.offer)
                elif kind == "answer" and self.answer and not self.answer.done():
                    self.answer.set_result(message.answer)
                elif kind == "track_published":
                    self.announced[message.track_published.cid].set_result(message.track_published.track)
                # Candidates stand in the descriptions too, which is where aiortc, that does not trickle, reads them.

    async def take(self, offer: proto.SessionDescription) -> None:
        await self.subscriber.setRemoteDescription(aiortc.RTCSessionDescription(self.relayed(offer.sdp), "offer"))
        await self.subscriber.setLocalDescription(await self.subscriber.createAnswer())
        local = self.subscriber.localDescription
        await self.signal.send(answer=proto.SessionDescription(type="answer", sdp=self.hidden(local.sdp), id=offer.id))

    async def offer(self) -> None:
        """Negotiates the publishing connection."""
        await self.publisher.setLocalDescription(await self.publisher.createOffer())
        self.answer = asyncio.get_running_loop().create_future()
        local = self.publisher.localDescription
        await self.signal.send(offer=proto.SessionDescription(type="offer", sdp=self.hidden(local.sdp), id=1))
        answer = await self.answer
        await self.publisher.setRemoteDescription(aiortc.RTCSessionDescription(self.relayed(answer.sdp), "answer"))

    def relayed(self, sdp: str) -> str:
        """With a relay, the server is reached through that port of this machine alone."""
        if self.relay is None:
            return sdp
        sdp = re.sub(r"a=candidate:\S+ \d+ tcp .*\r\n", "", sdp, flags=re.IGNORECASE)
        return re.sub(r"(a=candidate:\S+ \d+ udp \d+) \S+ \d+", rf"\1 127.0.0.1 {self.relay}", sdp, flags=re.IGNORECASE)

    def hidden(self, sdp: str) -> str:
        """And the server is told of no other way back."""
        return sdp if self.relay is None else re.sub(r"a=candidate:.*\r\n", "", sdp)

    async def publish(self, *tracks: aiortc.MediaStreamTrack) -> None:
        for track in tracks:
            self.announced[track.id] = asyncio.get_running_loop().create_future()
            is_video = track.kind == "video"
            await self.signal.send(
                add_track=proto.AddTrackRequest(
                    cid=track.id,
                    name=track.kind,
                    type=models.TrackType.VIDEO if is_video else models.TrackType.AUDIO,
                    source=models.TrackSource.CAMERA if is_video else models.TrackSource.MICROPHONE,
                    width=640 if is_video else 0,
                    height=360 if is_video else 0,
                )
            )
            await self.announced[track.id]
            self.publisher.addTrack(track)
        await self.offer()

    def send(self, channel: aiortc.RTCDataChannel, payload: bytes) -> None:
        kind = models.DataPacket.RELIABLE if channel is self.reliable else models.DataPacket.LOSSY
        packet = models.DataPacket(kind=kind, user=models.UserPacket(payload=payload))
        channel.send(packet.SerializeToString())


@contextlib.asynccontextmanager
async def joined(
    url: str, room: str, identity: str, relay: int | None = None, **parameters: str
) -> AsyncIterator[Peer]:
    """A participant that has joined for as long as the block lasts, through a relay's port if one is given."""
    signal = await Signal.join(url, support.token(room, identity), **parameters)
    peer = Peer(signal, relay)
    tasks = [asyncio.create_task(peer.run()), asyncio.create_task(signal.ping(5))]
    try:
        yield peer
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.gather(peer.publisher.close(), peer.subscriber.close())
        await signal.close()
