"""FlexFEC-03 between Chromium and our server, both ways, where error correction alone can bring back what is lost."""

import asyncio
import collections
import pathlib
from collections.abc import Iterator
from random import Random

import pytest
from livekit import rtc

import browser
import relay
import support

pytestmark = [
    pytest.mark.skipif(browser.EXECUTABLE is None, reason="Chromium is not installed"),
    pytest.mark.timeout(180),
]

TRIALS = "--force-fieldtrials=WebRTC-FlexFEC-03-Advertised/Enabled/WebRTC-FlexFEC-03/Enabled/"
LOSS = 0.1
DELAY = 0.03


class LossyPath:
    """Loses a part of the media packets of VP8 and every retransmission, once it is told the payload types."""

    def __init__(self, port: int) -> None:
        self.formats: dict[str, str] = {}
        self.is_lossy = False
        self.relay = relay.Relay(port, DELAY, self.loses)

    def loses(self, packet: relay.Packet, random: Random) -> bool:
        name = self.name(packet.payload_type)
        is_media = name == "vp8" and not packet.is_padded
        return self.is_lossy and (name == "rtx" or (is_media and random.random() < LOSS))

    def begin(self, formats: dict[str, str]) -> None:
        self.formats = formats
        assert "flexfec-03" in formats.values(), f"FlexFEC was not agreed on: {formats}"
        self.is_lossy = True

    def name(self, payload_type: int) -> str:
        return self.formats.get(str(payload_type), "").lower()

    def count(self, counter: collections.Counter[tuple[bool, int, int]], name: str) -> int:
        return sum(count for (_, payload_type, _), count in counter.items() if self.name(payload_type) == name)


@pytest.fixture
def path(tmp_path: pathlib.Path) -> Iterator[tuple[str, LossyPath]]:
    """A server that corrects, and a lossy way to it."""
    configuration, log = tmp_path / "server.yaml", tmp_path / "server.log"
    configuration.write_text("rtc:\n  flexfec_percent: 50\n")
    with support.server(log, "--config", str(configuration)) as url:
        path = LossyPath(support.media_port(log))
        with path.relay:
            yield url, path


async def missing(track: rtc.Track) -> int:
    """Packets that a subscriber of the Python SDK misses."""
    for entry in await track.get_stats():
        if entry.WhichOneof("stats") == "inbound_rtp":
            return entry.inbound_rtp.received.packets_lost
    raise AssertionError("no statistics of a received stream")


def test_server_recovers_what_chromium_protects(path: tuple[str, LossyPath], tmp_path: pathlib.Path) -> None:
    url, way = path

    async def watch() -> int:
        async with support.joined(url, "fec", "python") as (_, tracks):
            track = await asyncio.wait_for(support.next_track(tracks, rtc.TrackKind.KIND_VIDEO), 30)
            await support.see(track, 5)
            way.begin(reports.until(lambda report: report["formats"].get("PUBLISHER"), 5)["formats"]["PUBLISHER"])
            await asyncio.sleep(20)
            way.is_lossy = False
            await asyncio.sleep(2)
            return await missing(track)

    # Without NACK, and without audio: libwebrtc protects by the loss that the last report told of, be it that of audio.
    words = {"publish": "picture", "relay": str(way.relay.port), "no-nack": "1"}
    with browser.participant(url, "fec", "chromium", tmp_path, TRIALS, **words) as reports:
        unrecovered = asyncio.run(watch())
    lost = way.count(way.relay.lost, "vp8")
    repairs = way.count(way.relay.passed, "flexfec-03")
    print(f"Chromium to server: {lost - unrecovered} of {lost} lost packets recovered, by {repairs} repair packets")
    assert lost >= 30 and repairs > lost
    assert unrecovered <= lost / 3, f"{unrecovered} of {lost} lost packets stayed lost"


def test_chromium_takes_what_the_server_protects(path: tuple[str, LossyPath], tmp_path: pathlib.Path, log: pathlib.Path) -> None:
    url, way = path
    with support.running(log, *support.bot(url, "fec", "bot", "--no-simulcast")):
        with browser.participant(url, "fec", "chromium", tmp_path, TRIALS, relay=str(way.relay.port)) as reports:
            first = reports.until(lambda report: report["inbound"].get("video", {}).get("frames", 0) >= 30, 30)
            way.begin(first["formats"]["SUBSCRIBER"])
            last = reports.until(lambda report: report["inbound"]["video"]["frames"] >= 600, 60)
    now, before = last["inbound"]["video"], first["inbound"]["video"]
    lost = way.count(way.relay.lost, "vp8")
    # What is lost for good ends in a key frame.
    keyframes = now["keyframes"] - before["keyframes"]
    print(f"server to Chromium: {lost} packets lost, {now['fec'] - before['fec']} repair packets taken, "
          f"{now['fecDiscarded']} of them discarded; {now['frames'] - before['frames']} frames decoded, {keyframes} key frames")
    assert lost >= 30
    assert now["fec"] > before["fec"] and now["fecBytes"] > before["fecBytes"]
    assert now["resent"] == before["resent"], "a retransmission helped"
    assert keyframes <= lost / 4, f"{lost} losses cost {keyframes} key frames"
