"""A stock participant loses its signalling for a while and keeps its media: what do the others see and miss?

    python resume.py ws://127.0.0.1:7880 [--cuts 1 10] [--refuse] [--by-hand]

Only the signalling of the one goes through a proxy, which resets it and keeps it out for the seconds of each cut. Two
others watch: one of the Python SDK, and one that reads the server's messages as they come.

That SDK tries to resume once. Where the attempt fails, after 5 s or at once where it is refused, it joins anew: no server
can keep its tracks over a longer cut. `--by-hand` takes one whose signalling is ours and whose media is aiortc's, which
tries for as long as it takes.
"""

import argparse
import asyncio
import time
import urllib.parse

from livekit.protocol import models
from livekit.protocol import rtc as proto

import aiortc_peer
from cut import CuttingProxy
from handmade import Handmade
from light import Light

SEEN = {
    "participant_connected", "participant_disconnected", "track_published", "track_unpublished", "track_subscribed",
    "track_unsubscribed",
}


class Witness:
    """Reads what the server tells of a participant."""

    def __init__(self, peer: aiortc_peer.Peer, identity: str) -> None:
        self.identity = identity
        self.sids: set[str] = set()
        self.departures = 0
        self.tracks: set[str] = set()
        peer.observer = self.read
        for info in peer.signal.answered.other_participants:
            self.note(info)

    def read(self, message: proto.SignalResponse) -> None:
        for info in message.update.participants:
            self.note(info)

    def note(self, info: models.ParticipantInfo) -> None:
        if info.identity != self.identity:
            return
        self.sids.add(info.sid)
        self.departures += info.state == models.ParticipantInfo.DISCONNECTED
        self.tracks |= {track.sid for track in info.tracks}

    def forget(self) -> None:
        self.departures = 0


class Flow:
    """The packets that one receives of all tracks of the other, looked at ten times each second."""

    def __init__(self, watcher: Light) -> None:
        self.watcher = watcher
        self.before: dict[str, tuple[int, int]] = {}
        self.received = self.lost = 0
        self.longest = 0.0
        self.moved = time.monotonic()

    async def run(self) -> None:
        while True:
            await self.look()
            await asyncio.sleep(0.1)

    async def look(self) -> None:
        now = await self.watcher.received()
        for sid, (received, lost) in now.items():
            earlier = self.before.get(sid, (0, 0))
            if received > earlier[0]:
                self.moved = time.monotonic()
            self.received += received - earlier[0]
            self.lost += lost - earlier[1]
        self.before |= now
        self.longest = max(self.longest, time.monotonic() - self.moved)

    def forget(self) -> None:
        self.received = self.lost = 0
        self.longest = 0.0


async def one_cut(seconds: float, proxy: CuttingProxy, talker: Light | Handmade, watcher: Light, witness: Witness, flow: Flow) -> None:
    witness.forget()
    flow.forget()
    began = time.monotonic()
    sids, before = set(witness.sids), proxy.accepted
    await proxy.cut(seconds)
    while time.monotonic() - began < seconds + 20 and talker.first("reconnected", began) is None:
        await asyncio.sleep(0.05)
    await asyncio.sleep(3)
    back, gone = talker.first("reconnected", began), talker.first("disconnected", began)
    fate = f"reconnected after {back:.2f} s" if back is not None else "did not reconnect" + (", gave up" if gone else "")
    kind = "resumed" if witness.sids == sids else "new session"
    print(f"signalling cut for {seconds:g} s: {fate} ({kind if back is not None else '-'}, {proxy.accepted - before} attempts "
          f"let in, {proxy.kept_out} kept out so far)")
    print(f"  events that the other saw: {watcher.count(SEEN, began, witness.identity) or 'none'}; departures announced: {witness.departures}")
    print(f"  media: {flow.received} packets received, {flow.lost} lost, longest silence {flow.longest:.2f} s; "
          f"{len(watcher.tracks)} tracks subscribed")


async def measure(options: argparse.Namespace) -> None:
    address = urllib.parse.urlsplit(options.url)
    proxy = CuttingProxy(address.hostname or "127.0.0.1", address.port or 7880, options.refuse)
    through = await proxy.start()
    if options.by_hand:
        for index, seconds in enumerate(options.cuts):
            await observe(options.url, through, proxy, Handmade(f"resume-{index}", "talker"), f"resume-{index}", [seconds])
    else:
        await observe(options.url, through, proxy, Light("resume", "talker", paints=True), "resume", options.cuts)
    await proxy.stop()


async def observe(
    url: str, through: str, proxy: CuttingProxy, talker: Light | Handmade, room: str, cuts: list[float]
) -> None:
    watcher = Light(room, "watcher")
    await watcher.join(url)
    await talker.join(through)
    flow = Flow(watcher)
    async with aiortc_peer.joined(url, room, "witness", auto_subscribe="0") as peer:
        witness = Witness(peer, "talker")
        flowing = asyncio.create_task(flow.run())
        await asyncio.sleep(3)
        print(f"before: {flow.received} packets received, {flow.lost} lost, {len(watcher.tracks)} tracks subscribed")
        for seconds in cuts:
            await one_cut(seconds, proxy, talker, watcher, witness, flow)
        print(f"session numbers of the one who was cut: {len(witness.sids)}, track numbers: {len(witness.tracks)}")
        flowing.cancel()
        await asyncio.gather(flowing, return_exceptions=True)
    await asyncio.gather(talker.leave(), watcher.leave())


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("url")
    parser.add_argument("--cuts", type=float, nargs="+", default=[1, 10], help="seconds")
    parser.add_argument("--refuse", action="store_true", help="reset attempts during a cut instead of holding them")
    parser.add_argument("--by-hand", action="store_true", help="a participant that does not give up")
    asyncio.run(measure(parser.parse_args()))


if __name__ == "__main__":
    main()
