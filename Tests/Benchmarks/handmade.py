"""A participant that speaks LiveKit's signalling by hand around aiortc's media: it tries to come back to its session for as
long as it takes, where the Python SDK gives up after its first attempt."""

import asyncio
import contextlib
import time

import aiohttp
import aiortc
from livekit.protocol import rtc as proto

import aiortc_peer
import support
from signalling import Signal, SignalClosed


class Handmade:
    """Sends a tone and a picture, and receives nothing. For one loss of signalling: aiortc knows no ICE restart, and the
    connection that the server restarts, which carries nothing, ends some time after."""

    def __init__(self, room: str, identity: str) -> None:
        self.token = support.token(room, identity)
        self.url = ""
        self.sid = ""
        self.peer: aiortc_peer.Peer | None = None
        self.published: list[proto.TrackPublishedResponse] = []
        self.events: list[tuple[float, str]] = []
        self.tasks: list[asyncio.Task[None]] = []

    def first(self, name: str, since: float) -> float | None:
        """Seconds from a moment to the first such event after it."""
        return next((at - since for at, each in self.events if each == name and at >= since), None)

    async def join(self, url: str) -> None:
        self.url = url
        signal = await Signal.join(url, self.token, auto_subscribe="0")
        self.sid = signal.answered.participant.sid
        self.peer = peer = aiortc_peer.Peer(signal, None)
        self.tasks = [asyncio.create_task(self.live(peer)), asyncio.create_task(self.ping(peer))]
        tracks: list[aiortc.MediaStreamTrack] = [aiortc_peer.Tone(), aiortc_peer.Picture()]
        await peer.publish(*tracks)
        self.published = [
            proto.TrackPublishedResponse(cid=cid, track=answer.result()) for cid, answer in peer.announced.items()
        ]

    async def live(self, peer: aiortc_peer.Peer) -> None:
        while True:
            await peer.run()
            await peer.signal.close()
            peer.signal = await self.come_back()
            self.events.append((time.monotonic(), "reconnected"))

    async def come_back(self) -> Signal:
        while True:
            with contextlib.suppress(aiohttp.ClientError, OSError, asyncio.TimeoutError, SignalClosed):
                signal = await asyncio.wait_for(Signal.join(self.url, self.token, reconnect="1", sid=self.sid), 2)
                await signal.send(sync_state=proto.SyncState(publish_tracks=self.published))
                return signal
            await asyncio.sleep(0.2)

    @staticmethod
    async def ping(peer: aiortc_peer.Peer) -> None:
        while True:
            await asyncio.sleep(5)
            with contextlib.suppress(Exception):
                await peer.signal.send(ping=1)

    async def leave(self) -> None:
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)
        if self.peer:
            await asyncio.gather(self.peer.publisher.close(), self.peer.subscriber.close())
            with contextlib.suppress(Exception):
                await self.peer.signal.send(leave=proto.LeaveRequest())
            await self.peer.signal.close()
