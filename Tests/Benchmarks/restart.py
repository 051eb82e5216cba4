"""The server is killed and started again on the same ports, with stock participants in it: when are all of them back?

    DEMO_SERVER=… python restart.py [--participants 20] [--per-room 5]

Printed: how soon the new server answers, when each participant says that it has reconnected, when the server's own list
has all of them, and when each receives media again.
"""

import argparse
import asyncio
import contextlib
import pathlib
import signal
import socket
import subprocess
import tempfile
import time
import urllib.request

from livekit import api
from livekit.protocol import models

import support
from light import Light
from measuring import quantiles


ACTIVE = models.ParticipantInfo.ACTIVE


def free_port(kind: int) -> int:
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    """A demo-server that always takes the same ports."""

    def __init__(self, log: pathlib.Path) -> None:
        self.log = log
        self.port = free_port(socket.SOCK_STREAM)
        self.media = free_port(socket.SOCK_DGRAM)
        self.child: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"ws://127.0.0.1:{self.port}"

    def start(self) -> float:
        """Starts it and returns the seconds until it answered."""
        began = time.monotonic()
        command = [support.DEMO_SERVER, "--dev", "--port", str(self.port), "--udp-port", str(self.media)]
        with self.log.open("ab") as words:
            self.child = subprocess.Popen(command, stdout=words, stderr=subprocess.STDOUT)
        while time.monotonic() - began < 30:
            with contextlib.suppress(OSError):
                with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/", timeout=1) as answer:
                    if answer.status == 200:
                        return time.monotonic() - began
            time.sleep(0.002)
        raise SystemExit(f"demo-server does not answer; see {self.log}")

    def kill(self) -> None:
        if self.child:
            self.child.send_signal(signal.SIGKILL)
            self.child.wait()


async def until_listed(
    server: Server, rooms: list[str], count: int, since: float, seconds: float
) -> tuple[float | None, int]:
    """The seconds from a moment until the server listed so many active participants; and how many it listed last."""
    seen = 0
    async with api.LiveKitAPI(server.url.replace("ws", "http"), support.KEY, support.SECRET) as lkapi:
        while time.monotonic() - since < seconds:
            seen = 0
            for room in rooms:
                with contextlib.suppress(api.TwirpError):
                    listed = await lkapi.room.list_participants(api.ListParticipantsRequest(room=room))
                    seen += sum(each.state == ACTIVE for each in listed.participants)
            if seen >= count:
                return time.monotonic() - since, seen
            await asyncio.sleep(0.1)
    return None, seen


async def media_back(each: Light, since: float, expected: int, seconds: float) -> float | None:
    """The seconds until a participant received packets of so many tracks that it subscribed to after a moment."""
    while time.monotonic() - since < seconds:
        fresh = each.count({"track_subscribed"}, since).get("track_subscribed", 0) >= expected
        if fresh and sum(packets > 0 for packets, _ in (await each.received()).values()) >= expected:
            return time.monotonic() - since
        await asyncio.sleep(0.5)
    return None


def tell(name: str, found: list[float | None]) -> None:
    good = [each for each in found if each is not None]
    print(f"{name}: {len(good)} of {len(found)}; {quantiles(good)}")


async def measure(options: argparse.Namespace, server: Server) -> None:
    print(f"first start: answers after {server.start() * 1000:.0f} ms")
    people = [
        Light(f"restart-{index // options.per_room}", f"stock-{index}", paints=index % options.per_room == 0)
        for index in range(options.participants)
    ]
    rooms = sorted({each.room_name for each in people})
    began = time.monotonic()
    for each in people:
        await each.join(server.url)
    print(f"joined one after the other in {time.monotonic() - began:.1f} s")
    await asyncio.sleep(3)
    others = {each: sum(other.room_name == each.room_name for other in people) - 1 for each in people}
    painters = {each.room_name: 1 for each in people}
    expected = {each: others[each] + (0 if each.video else painters[each.room_name]) for each in people}
    flowing = [sum(packets > 0 for packets, _ in (await each.received()).values()) for each in people]
    print(f"before: {len(people)} participants in {len(rooms)} rooms, {sum(flowing)} of {sum(expected.values())} "
          "subscribed tracks flow")
    killed = time.monotonic()
    server.kill()
    print(f"SIGKILL and start: answers after {await asyncio.to_thread(server.start) * 1000:.0f} ms")
    listing = asyncio.create_task(until_listed(server, rooms, len(people), killed, options.seconds))
    flows = await asyncio.gather(*(media_back(each, killed, expected[each], options.seconds) for each in people))
    tell("say that they have reconnected, after", [each.first("reconnected", killed) for each in people])
    took, seen = await listing
    print(f"the server lists {seen} of {len(people)}" + (f", all after {took * 1000:.0f} ms" if took is not None else ""))
    # Reading everybody's statistics takes its part of the processors; the events' own times do not.
    tell("are subscribed to everything again, after", [each.nth("track_subscribed", killed, expected[each]) for each in people])
    tell("receive everything again, after", flows)
    gone = sum(each.first("disconnected", killed) is not None for each in people)
    print(f"gave up: {gone}")
    for each in people:
        await each.leave()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--participants", type=int, default=20)
    parser.add_argument("--per-room", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=60, help="how long is waited for them")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        server = Server(pathlib.Path(folder) / "server.log")
        try:
            asyncio.run(measure(options, server))
        finally:
            server.kill()


if __name__ == "__main__":
    main()
