#!/usr/bin/env python3
"""Measures our server and bot with LiveKit's Python SDK as the receiver:

* the time from the subscription of a video track to its first decoded frame, the median of ten joins;
* the frames decoded in 30 seconds, against the frames that the publisher numbered in that time;
* the pitch of the tone.

    DEMO_SERVER=… BOT_PUBLISHER=… python Tests/Interop/first_frame.py
"""

import asyncio
import pathlib
import statistics
import tempfile
import time

from livekit import rtc

import stamp
import support

JOINS = 10
SECONDS = 30
ROOM = "first-frame"


async def first_frame(url: str, number: int) -> tuple[float, float]:
    """Milliseconds from the subscription, and from the beginning of the join, to the first decoded frame."""
    began = time.monotonic()
    async with support.joined(url, ROOM, f"python-{number}") as (_, tracks):
        track = await support.next_track(tracks, rtc.TrackKind.KIND_VIDEO)
        subscribed = time.monotonic()
        stream = rtc.VideoStream(track)
        async for _ in stream:
            break
        now = time.monotonic()
        await stream.aclose()
        return (now - subscribed) * 1000, (now - began) * 1000


async def steady(url: str) -> tuple[int, int, int, float]:
    """Frames decoded, frames with a readable stamp, frames sent meanwhile, and the pitch."""
    async with support.joined(url, ROOM, "python-steady") as (_, tracks):
        video = await support.next_track(tracks, rtc.TrackKind.KIND_VIDEO)
        audio = await support.next_track(tracks, rtc.TrackKind.KIND_AUDIO)
        tone = asyncio.create_task(support.hear(audio, 5))
        stream = rtc.VideoStream(video)
        decoded = 0
        counters: list[int] = []
        end = time.monotonic() + SECONDS
        async for event in stream:
            decoded += 1
            found = stamp.read(support.luma(event.frame))
            if found:
                counters.append(found[0])
            if time.monotonic() >= end:
                break
        await stream.aclose()
        sent = counters[-1] - counters[0] + 1 if counters else 0
        return decoded, len(set(counters)), sent, await tone


async def measure(url: str) -> None:
    waits = [await first_frame(url, number) for number in range(JOINS)]
    since_subscription = [wait[0] for wait in waits]
    since_join = [wait[1] for wait in waits]
    print(
        f"first frame after subscribing: median {statistics.median(since_subscription):.0f} ms of {JOINS} joins "
        f"({min(since_subscription):.0f}...{max(since_subscription):.0f}); after beginning to join: "
        f"median {statistics.median(since_join):.0f} ms"
    )
    decoded, readable, sent, tone = await steady(url)
    share = 100 * readable / sent if sent else 0
    print(f"in {SECONDS} s: {decoded} frames decoded, {readable} numbers of {sent} sent ({share:.1f} %)")
    print(f"tone: {tone:.1f} Hz ({support.TONE:.0f} sent)")


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        logs = pathlib.Path(folder)
        with support.server(logs / "server.log") as url:
            with support.running(logs / "bot.log", *support.bot(url, ROOM, "bot")):
                asyncio.run(measure(url))


if __name__ == "__main__":
    main()
