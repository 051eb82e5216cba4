"""Media between our bot and LiveKit's Python SDK (libwebrtc), through our server, in both directions."""

import asyncio
import pathlib

import pytest
from livekit import rtc

import support


def test_python_sees_and_hears_our_bot(url: str, log: pathlib.Path) -> None:
    async def watch() -> tuple[list[tuple[int, int] | None], float]:
        async with support.joined(url, "ours-to-python", "python") as (_, tracks):
            video = await support.next_track(tracks, rtc.TrackKind.KIND_VIDEO)
            audio = await support.next_track(tracks, rtc.TrackKind.KIND_AUDIO)
            return await asyncio.gather(support.see(video, 90), support.hear(audio))

    with support.running(log, *support.bot(url, "ours-to-python", "bot")):
        stamps, tone = asyncio.run(asyncio.wait_for(watch(), 60))
    counters = [stamp[0] for stamp in stamps if stamp is not None]
    # The first layer that comes may be too small to read; nearly all must be readable nevertheless.
    assert len(counters) >= 0.8 * len(stamps), f"{len(counters)} of {len(stamps)} stamps are readable"
    assert counters == sorted(counters), "frames came out of order"
    assert tone == pytest.approx(support.TONE, rel=0.02)


def test_our_bot_sees_and_hears_python(url: str, log: pathlib.Path) -> None:
    async def publish() -> int:
        async with support.joined(url, "python-to-ours", "python") as (room, _):
            painter = support.Painter()
            await painter.publish(room.local_participant)
            painting = asyncio.create_task(painter.run())
            flags = ("--watch", "--expect-from", "python", "--duration", "10")
            try:
                with support.running(log, *support.bot(url, "python-to-ours", "bot", *flags)) as watcher:
                    return await asyncio.to_thread(watcher.wait, 60)
            finally:
                painting.cancel()
                await asyncio.gather(painting, return_exceptions=True)

    verdict = asyncio.run(asyncio.wait_for(publish(), 90))
    assert verdict == 0, log.read_text(errors="replace")[-2000:]
