"""Chromium with our server and bot, in both directions."""

import asyncio
import pathlib

import pytest
from livekit import rtc

import browser
import support

pytestmark = pytest.mark.skipif(browser.EXECUTABLE is None, reason="Chromium is not installed")


def test_browser_decodes_what_the_bot_sends(url: str, tmp_path: pathlib.Path, log: pathlib.Path) -> None:
    with support.running(log, *support.bot(url, "to-browser", "bot")):
        with browser.participant(url, "to-browser", "chromium", tmp_path) as reports:
            report = reports.until(
                lambda report: report["inbound"].get("video", {}).get("frames", 0) >= 150
                and report["inbound"].get("audio", {}).get("decoded", 0) > 48_000,
                30,
            )
    assert report["inbound"]["video"]["width"] == 640
    assert report["inbound"]["video"]["codec"] == "video/VP8"


def test_browser_publishes_to_another_browser_and_to_python(url: str, tmp_path: pathlib.Path) -> None:
    with browser.participant(url, "from-browser", "speaker", tmp_path, publishes=True) as speaker:
        speaker.until(lambda report: report["outbound"].get("videoh", {}).get("packets", 0) > 50, 30)
        with browser.participant(url, "from-browser", "listener", tmp_path) as listener:
            listener.until(
                lambda report: report["inbound"].get("video", {}).get("frames", 0) >= 60
                and report["inbound"].get("audio", {}).get("packets", 0) >= 50,
                30,
            )

        async def watch() -> int:
            async with support.joined(url, "from-browser", "python") as (_, tracks):
                track = await support.next_track(tracks, rtc.TrackKind.KIND_VIDEO)
                return len(await support.see(track, 30))

        assert asyncio.run(asyncio.wait_for(watch(), 30)) == 30
