"""aiortc with our server and bot: data channels and media, in both directions."""

import asyncio
import pathlib
import random

import av
import numpy
import pytest

import aiortc_peer
import relay
import stamp
import support

# Around the sizes at which fragmenting changes, up to the largest that a description of ours takes, envelope included.
SIZES = [1, 2, 1000, 1100, 1200, 1300, 16 << 10, (64 << 10) - 1, 64 << 10, 100_000, (256 << 10) - 64]


def payload(number: int, size: int) -> bytes:
    return random.Random(number).randbytes(size)


def test_reliable_messages_of_all_sizes_come_in_order(url: str) -> None:
    async def exchange() -> None:
        async with aiortc_peer.joined(url, "aiortc-data", "a") as a, aiortc_peer.joined(url, "aiortc-data", "b") as b:
            await asyncio.gather(a.offer(), b.offer())
            await asyncio.gather(a.ready.wait(), b.ready.wait())
            await settle(a, b)
            for sender, receiver in ((a, b), (b, a)):
                for number, size in enumerate(SIZES):
                    sender.send(sender.reliable, payload(number, size))
                for number, size in enumerate(SIZES):
                    label, message = await receiver.messages.get()
                    assert label == "_reliable"
                    assert message == payload(number, size), f"message {number} of {size} bytes is not the one sent"

    asyncio.run(asyncio.wait_for(exchange(), 60))


def test_reliable_messages_survive_losses_in_both_directions(url: str, server_log: pathlib.Path) -> None:
    async def exchange(port: int) -> None:
        async with (
            aiortc_peer.joined(url, "aiortc-losses", "a", port) as a,
            aiortc_peer.joined(url, "aiortc-losses", "b", port) as b,
        ):
            await asyncio.gather(a.offer(), b.offer())
            await asyncio.gather(a.ready.wait(), b.ready.wait())
            await settle(a, b)
            for sender, receiver in ((a, b), (b, a)):
                for number in range(100):
                    sender.send(sender.reliable, payload(number, 3000 + 10 * number))
                for number in range(100):
                    assert await receiver.messages.get() == ("_reliable", payload(number, 3000 + 10 * number))

    with relay.Relay(support.media_port(server_log), 0.01, data_loss=0.03) as way:
        asyncio.run(asyncio.wait_for(exchange(way.port), 90))
    assert way.data_lost > 10


def test_lossy_messages_come_whole(url: str) -> None:
    async def exchange() -> list[tuple[str, bytes]]:
        async with aiortc_peer.joined(url, "aiortc-lossy", "a") as a, aiortc_peer.joined(url, "aiortc-lossy", "b") as b:
            await asyncio.gather(a.offer(), b.offer())
            await asyncio.gather(a.ready.wait(), b.ready.wait())
            await settle(a, b)
            for number in range(100):
                a.send(a.lossy, payload(number, 1 + 37 * number))
                await asyncio.sleep(0.01)
            await asyncio.sleep(1)
            return [b.messages.get_nowait() for _ in range(b.messages.qsize())]

    messages = asyncio.run(asyncio.wait_for(exchange(), 60))
    sent = {payload(number, 1 + 37 * number) for number in range(100)}
    assert all(label == "_lossy" and message in sent for label, message in messages)
    # Nothing is lost on loopback; what is sent while a channel opens may be.
    assert len(messages) == len({message for _, message in messages}) >= 99


async def settle(a: aiortc_peer.Peer, b: aiortc_peer.Peer) -> None:
    """Waits until what one sends reaches the other, both ways; the last of these messages ends the wait."""
    for sender, receiver in ((a, b), (b, a)):
        while receiver.messages.empty():
            sender.send(sender.reliable, b"is anybody there?")
            await asyncio.sleep(0.2)
    await asyncio.sleep(0.5)
    for peer in (a, b):
        while not peer.messages.empty():
            peer.messages.get_nowait()


def test_our_bot_sees_and_hears_aiortc(url: str, log: pathlib.Path) -> None:
    async def publish() -> int:
        async with aiortc_peer.joined(url, "aiortc-to-ours", "aiortc") as peer:
            await peer.publish(aiortc_peer.Picture(), aiortc_peer.Tone())
            flags = ("--watch", "--expect-from", "aiortc", "--duration", "10")
            with support.running(log, *support.bot(url, "aiortc-to-ours", "bot", *flags)) as watcher:
                return await asyncio.to_thread(watcher.wait, 60)

    verdict = asyncio.run(asyncio.wait_for(publish(), 90))
    assert verdict == 0, log.read_text(errors="replace")[-2000:]


def test_aiortc_sees_and_hears_our_bot(url: str, log: pathlib.Path) -> None:
    async def watch() -> tuple[list[tuple[int, int] | None], float]:
        async with aiortc_peer.joined(url, "ours-to-aiortc", "aiortc") as peer:
            tracks = {track.kind: track for track in [await peer.tracks.get(), await peer.tracks.get()]}
            return await asyncio.gather(see(tracks["video"]), hear(tracks["audio"]))

    with support.running(log, *support.bot(url, "ours-to-aiortc", "bot", "--no-simulcast")):
        stamps, tone = asyncio.run(asyncio.wait_for(watch(), 60))
    counters = [found[0] for found in stamps if found is not None]
    assert len(counters) >= 0.9 * len(stamps), f"{len(counters)} of {len(stamps)} stamps are readable"
    assert counters == sorted(counters), "frames came out of order"
    assert tone == pytest.approx(support.TONE, rel=0.02)


async def see(track: aiortc_peer.aiortc.MediaStreamTrack) -> list[tuple[int, int] | None]:
    seen = []
    while len(seen) < 90:
        frame = await track.recv()
        assert isinstance(frame, av.VideoFrame)
        seen.append(stamp.read(frame.to_ndarray(format="gray")))
    return seen


async def hear(track: aiortc_peer.aiortc.MediaStreamTrack) -> float:
    heard: list[numpy.ndarray] = []
    while sum(map(len, heard)) < support.SAMPLE_RATE:
        frame = await track.recv()
        assert isinstance(frame, av.AudioFrame)
        samples = frame.to_ndarray().reshape(-1, len(frame.layout.channels))[:, 0].astype(numpy.float64)
        if heard or numpy.abs(samples).max(initial=0) > 300:
            heard.append(samples)
    return support.pitch(numpy.concatenate(heard))
