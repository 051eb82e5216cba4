"""What the tests and the measurement share: our executables as children, and LiveKit's Python SDK as the peer."""

import asyncio
import contextlib
import os
import pathlib
import re
import subprocess
import time
from collections.abc import AsyncIterator, Iterator

import numpy
from livekit import api, rtc

import stamp

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
DEMO_SERVER = os.environ.get("DEMO_SERVER", str(ROOT / ".build/debug/demo-server"))
BOT_PUBLISHER = os.environ.get("BOT_PUBLISHER", str(ROOT / ".build/debug/bot-publisher"))
KEY, SECRET = "devkey", "secret"
SAMPLE_RATE = 48_000
TONE = 440.0


@contextlib.contextmanager
def running(log: pathlib.Path, *command: str) -> Iterator[subprocess.Popen[bytes]]:
    """A child process for as long as the block lasts, whose words go into a file."""
    with log.open("wb") as words:
        child = subprocess.Popen(command, stdout=words, stderr=subprocess.STDOUT)
    try:
        yield child
    finally:
        child.terminate()
        try:
            child.wait(5)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


@contextlib.contextmanager
def server(log: pathlib.Path, *flags: str) -> Iterator[str]:
    """A demo-server on free ports; gives its URL."""
    with running(log, DEMO_SERVER, "--dev", "--port", "0", "--udp-port", "0", *flags) as child:
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline and child.poll() is None:
            found = re.search(r"^ *URL +(ws:\S+)", log.read_text(errors="replace"), re.MULTILINE)
            if found:
                yield found.group(1)
                assert child.poll() is None, f"demo-server died with {child.returncode}"
                return
            time.sleep(0.05)
        raise AssertionError(f"demo-server did not start:\n{log.read_text(errors='replace')[-2000:]}")


def media_port(log: pathlib.Path) -> int:
    """The UDP port of the demo-server that writes this log."""
    found = re.search(r"^ *media +UDP (\d+)", log.read_text(errors="replace"), re.MULTILINE)
    assert found, "demo-server told no media port"
    return int(found.group(1))


def bot(url: str, room: str, identity: str, *flags: str) -> list[str]:
    join = ["--url", url, "--room", room, "--identity", identity, "--api-key", KEY, "--api-secret", SECRET]
    return [BOT_PUBLISHER, *join, *flags]


def token(room: str, identity: str) -> str:
    grants = api.VideoGrants(room_join=True, room=room)
    return api.AccessToken(KEY, SECRET).with_identity(identity).with_grants(grants).to_jwt()


@contextlib.asynccontextmanager
async def joined(
    url: str, room_name: str, identity: str, **options: bool
) -> AsyncIterator[tuple[rtc.Room, asyncio.Queue[rtc.Track]]]:
    """A participant of the Python SDK, and the tracks that it is subscribed to as they come."""
    room = rtc.Room()
    tracks: asyncio.Queue[rtc.Track] = asyncio.Queue()
    room.on("track_subscribed", lambda track, publication, participant: tracks.put_nowait(track))
    await room.connect(url, token(room_name, identity), rtc.RoomOptions(**options))
    try:
        yield room, tracks
    finally:
        await room.disconnect()


async def next_track(tracks: "asyncio.Queue[rtc.Track]", kind: int) -> rtc.Track:
    """The next track of a kind; tracks of the other kind go to the end of the queue."""
    while True:
        track = await tracks.get()
        if track.kind == kind:
            return track
        tracks.put_nowait(track)
        await asyncio.sleep(0.02)


def luma(frame: rtc.VideoFrame) -> numpy.ndarray:
    frame = frame.convert(rtc.VideoBufferType.I420)
    size = frame.width * frame.height
    return numpy.frombuffer(frame.data, dtype=numpy.uint8)[:size].reshape(frame.height, frame.width)


def pitch(samples: numpy.ndarray) -> float:
    """The strongest line of the spectrum, between bins by a parabola."""
    spectrum = numpy.abs(numpy.fft.rfft(samples * numpy.hanning(len(samples))))
    peak = int(spectrum[1:-1].argmax()) + 1
    left, middle, right = (float(value) for value in numpy.log(spectrum[peak - 1 : peak + 2] + 1e-9))
    shift = (left - right) / (2 * (left - 2 * middle + right))
    return (peak + shift) * SAMPLE_RATE / len(samples)


async def hear(track: rtc.Track, seconds: float = 1.0) -> float:
    """The pitch of what a track plays, once it is not silent."""
    stream = rtc.AudioStream(track, sample_rate=SAMPLE_RATE, num_channels=1)
    heard: list[numpy.ndarray] = []
    try:
        async for event in stream:
            samples = numpy.frombuffer(event.frame.data, dtype=numpy.int16).astype(numpy.float64)
            if not heard and numpy.abs(samples).max(initial=0) < 300:
                continue
            heard.append(samples)
            if sum(map(len, heard)) >= seconds * SAMPLE_RATE:
                break
    finally:
        await stream.aclose()
    return pitch(numpy.concatenate(heard))


async def see(track: rtc.Track, count: int) -> list[tuple[int, int] | None]:
    """The stamps of so many decoded frames; None for a frame whose stamp does not read."""
    stream = rtc.VideoStream(track)
    seen: list[tuple[int, int] | None] = []
    try:
        async for event in stream:
            seen.append(stamp.read(luma(event.frame)))
            if len(seen) >= count:
                break
    finally:
        await stream.aclose()
    return seen


class Painter:
    """Publishes a moving colour pattern with the stamp that `bot-publisher --watch` reads, and a tone."""

    WIDTH, HEIGHT, FRAMES_PER_SECOND = 640, 360, 20

    def __init__(self) -> None:
        self.video = rtc.VideoSource(self.WIDTH, self.HEIGHT)
        self.audio = rtc.AudioSource(SAMPLE_RATE, 1)

    async def publish(self, participant: rtc.LocalParticipant) -> None:
        picture = rtc.TrackPublishOptions(source=rtc.TrackSource.SOURCE_CAMERA, simulcast=True)
        picture.video_codec = rtc.VideoCodec.VP8
        picture.video_encoding.max_bitrate = 1_500_000
        picture.video_encoding.max_framerate = self.FRAMES_PER_SECOND
        await participant.publish_track(rtc.LocalVideoTrack.create_video_track("painted", self.video), picture)
        sound = rtc.TrackPublishOptions(source=rtc.TrackSource.SOURCE_MICROPHONE)
        await participant.publish_track(rtc.LocalAudioTrack.create_audio_track("whistled", self.audio), sound)

    def picture(self, counter: int) -> bytes:
        width, height = self.WIDTH, self.HEIGHT
        bright = numpy.tile(((numpy.arange(width) + 4 * counter) // 80 * 40 % 160 + 50).astype(numpy.uint8), (height, 1))
        stamp.write(bright, counter, int(time.time() * 1000))
        colour = numpy.full((height // 2, width // 2), 128, dtype=numpy.uint8)
        colour[: height // 4, :] = 90 + counter % 60
        return bright.tobytes() + colour.tobytes() + colour[::-1].tobytes()

    async def run(self) -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(self.paint())
            group.create_task(self.whistle())

    async def paint(self) -> None:
        start = time.monotonic()
        counter = 0
        while True:
            pixels = self.picture(counter)
            self.video.capture_frame(rtc.VideoFrame(self.WIDTH, self.HEIGHT, rtc.VideoBufferType.I420, pixels))
            counter += 1
            await asyncio.sleep(max(0.001, start + counter / self.FRAMES_PER_SECOND - time.monotonic()))

    async def whistle(self) -> None:
        chunk = SAMPLE_RATE // 50
        position = 0
        while True:
            times = (position + numpy.arange(chunk)) / SAMPLE_RATE
            wave = (numpy.sin(2 * numpy.pi * TONE * times) * 8000).astype(numpy.int16)
            await self.audio.capture_frame(rtc.AudioFrame(wave.tobytes(), SAMPLE_RATE, 1, chunk))
            position += chunk
