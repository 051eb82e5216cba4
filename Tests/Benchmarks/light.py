"""Participants of LiveKit's Python SDK (libwebrtc) that publish little, so that many fit on one machine."""

import asyncio
import contextlib
import logging
import time

import numpy
from livekit import rtc

import support

# Long frames, because each costs a call into the SDK.
SAMPLES = support.SAMPLE_RATE // 10

# Each attempt to reconnect is a warning.
logging.getLogger("livekit").setLevel(logging.CRITICAL)


class Light:
    """One participant: a tone, and a small picture if it is asked for. Notes when it lost its session and got it back."""

    def __init__(self, room: str, identity: str, paints: bool = False) -> None:
        self.room_name = room
        self.identity = identity
        self.room = rtc.Room()
        self.audio = rtc.AudioSource(support.SAMPLE_RATE, 1)
        self.video = rtc.VideoSource(320, 180) if paints else None
        self.tracks: dict[str, rtc.Track] = {}
        #: What happened, with the time, and with the identity of another whom it concerns.
        self.events: list[tuple[float, str, str]] = []
        self.tasks: list[asyncio.Task[None]] = []
        for name in (
            "reconnecting", "reconnected", "disconnected", "participant_connected", "participant_disconnected",
            "track_published", "track_unpublished", "track_subscribed", "track_unsubscribed",
        ):
            self.room.on(name, self.noting(name))
        self.room.on("track_subscribed", lambda track, _, participant: self.tracks.update({track.sid: track}))
        self.room.on("track_unsubscribed", lambda track, _, participant: self.tracks.pop(track.sid, None))

    def noting(self, name: str):  # noqa: ANN201
        def note(*about: object) -> None:
            self.events.append((time.monotonic(), name, getattr(about[-1], "identity", "") if about else ""))

        return note

    def first(self, name: str, since: float) -> float | None:
        """Seconds from a moment to the first such event after it."""
        return next((at - since for at, each, _ in self.events if each == name and at >= since), None)

    def nth(self, name: str, since: float, number: int) -> float | None:
        """Seconds from a moment to the event of that name which is so many after it."""
        times = [at - since for at, each, _ in self.events if each == name and at >= since]
        return times[number - 1] if len(times) >= number else None

    def count(self, names: set[str], since: float, identity: str | None = None) -> dict[str, int]:
        seen = [each for at, each, who in self.events if each in names and at >= since and identity in (None, who)]
        return {name: seen.count(name) for name in sorted(set(seen))}

    async def join(self, url: str) -> None:
        await self.room.connect(url, support.token(self.room_name, self.identity))
        sound = rtc.LocalAudioTrack.create_audio_track("tone", self.audio)
        await self.room.local_participant.publish_track(sound, rtc.TrackPublishOptions(dtx=False))
        self.tasks.append(asyncio.create_task(self.whistle()))
        if self.video:
            picture = rtc.LocalVideoTrack.create_video_track("picture", self.video)
            options = rtc.TrackPublishOptions(simulcast=False, video_codec=rtc.VideoCodec.VP8)
            await self.room.local_participant.publish_track(picture, options)
            self.tasks.append(asyncio.create_task(self.paint(self.video)))

    async def whistle(self) -> None:
        times = numpy.arange(SAMPLES) / support.SAMPLE_RATE
        wave = (numpy.sin(2 * numpy.pi * support.TONE * times) * 8000).astype(numpy.int16).tobytes()
        while True:
            await self.audio.capture_frame(rtc.AudioFrame(wave, support.SAMPLE_RATE, 1, SAMPLES))

    async def paint(self, source: rtc.VideoSource) -> None:
        counter = 0
        while True:
            bright = numpy.full((180, 320), 40 + counter % 160, dtype=numpy.uint8)
            bright[:, 2 * counter % 300 :][:, :20] = 235
            colour = numpy.full((180, 160), 128, dtype=numpy.uint8)
            source.capture_frame(rtc.VideoFrame(320, 180, rtc.VideoBufferType.I420, bright.tobytes() + colour.tobytes()))
            counter += 1
            await asyncio.sleep(0.1)

    async def received(self) -> dict[str, tuple[int, int]]:
        """Packets received and lost, by the subscribed track."""
        found = {}
        for sid, track in list(self.tracks.items()):
            for entry in await track.get_stats():
                if entry.WhichOneof("stats") == "inbound_rtp":
                    counts = entry.inbound_rtp.received
                    found[sid] = (counts.packets_received, counts.packets_lost)
        return found

    async def leave(self) -> None:
        for task in self.tasks:
            task.cancel()
        # The SDK has swallowed cancellations, and waits for ever for what a lost connection will not say.
        await asyncio.wait(self.tasks, timeout=5)
        for closing in [self.room.disconnect(), self.audio.aclose(), *([self.video.aclose()] if self.video else [])]:
            with contextlib.suppress(Exception):
                await asyncio.wait_for(closing, 5)
