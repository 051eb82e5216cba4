"""Clients that never finish their request, and what others notice of them.

    python3 slowloris.py ws://127.0.0.1:7880 [--kind head|body|mute] [--sockets 2000] [--process PID]

Each socket begins a request and then sends one byte of a header, or of a body, now and then; or it says nothing at all.
Beside them ordinary requests go on, each on a connection of its own. Printed: when the server closed the sockets, and how
long the requests took.
"""

import argparse
import asyncio
import random
import time
import urllib.parse

from measuring import Held, quantiles, raise_descriptor_limit

GOAL = 10.0
BEGINNINGS = {
    "head": b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: ",
    "body": b"POST /twirp/livekit.RoomService/ListRooms HTTP/1.1\r\nHost: localhost\r\n"
    b"Content-Type: application/json\r\nContent-Length: 4096\r\n\r\n{",
    "mute": b"",
}


class Slow:
    """One slow client."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self.opened: float | None = None
        self.closed: float | None = None

    async def run(self, host: str, port: int, until: float) -> None:
        try:
            reader, writer = await asyncio.open_connection(host, port)
        except OSError:
            return
        self.opened = time.monotonic()
        feeding = asyncio.create_task(self.feed(writer))
        try:
            await asyncio.wait_for(self.drain(reader), max(0.0, until - time.monotonic()))
            self.closed = time.monotonic()
        except TimeoutError:
            pass
        finally:
            feeding.cancel()
            writer.transport.abort()

    async def feed(self, writer: asyncio.StreamWriter) -> None:
        try:
            writer.write(BEGINNINGS[self.kind])
            while self.kind != "mute":
                await asyncio.sleep(random.uniform(1, 3))
                writer.write(b" ")
                await writer.drain()
        except OSError:
            pass

    @staticmethod
    async def drain(reader: asyncio.StreamReader) -> None:
        """Returns at the end of the stream; a refusal before it is read over."""
        try:
            while await reader.read(4096):
                pass
        except OSError:
            pass


async def request(host: str, port: int) -> float | None:
    """The seconds that one ordinary request took; None if it failed."""
    began = time.monotonic()
    try:
        reader, writer = await asyncio.wait_for(asyncio.open_connection(host, port), 5)
        writer.write(b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        answer = await asyncio.wait_for(reader.read(), 5)
        writer.close()
    except (OSError, TimeoutError):
        return None
    return time.monotonic() - began if answer.startswith(b"HTTP/1.1 200") else None


async def requests(host: str, port: int, seconds: float) -> list[float | None]:
    """Some fifty each second."""
    taken = []
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        taken.append(await request(host, port))
        await asyncio.sleep(0.02)
    return taken


def tell(name: str, taken: list[float | None]) -> None:
    good = [each for each in taken if each is not None]
    print(f"{name}: {len(taken)}, {len(taken) - len(good)} failed; {quantiles(good)}")


async def measure(options: argparse.Namespace) -> None:
    address = urllib.parse.urlsplit(options.url)
    host, port = address.hostname or "127.0.0.1", address.port or 7880
    tell("requests before", await requests(host, port, 3))
    before = Held.by(options.process) if options.process else None
    slow = [Slow(options.kind) for _ in range(options.sockets)]
    until = time.monotonic() + options.seconds
    tasks = []
    for begin in range(0, len(slow), 100):
        tasks += [asyncio.create_task(each.run(host, port, until)) for each in slow[begin : begin + 100]]
        await asyncio.sleep(0.05)
    taken = await requests(host, port, 4)
    if before:
        print(f"meanwhile {Held.by(options.process)}")
    taken += await requests(host, port, 4)
    await asyncio.gather(*tasks)
    opened = [each for each in slow if each.opened is not None]
    lives = [each.closed - each.opened for each in opened if each.closed is not None and each.opened is not None]
    in_time = sum(life <= GOAL for life in lives)
    print(f"slow sockets ({options.kind}): {len(opened)} of {len(slow)} opened; closed within {GOAL:.0f} s: {in_time}, "
          f"later: {len(lives) - in_time}, still open after {options.seconds:.0f} s: {len(opened) - len(lives)}")
    print(f"their lives: {quantiles(lives)}")
    tell("requests meanwhile", taken)
    if before:
        await asyncio.sleep(1)
        after = Held.by(options.process)
        print(f"before {before}; after {after}: {after.since(before)}")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("url")
    parser.add_argument("--kind", choices=BEGINNINGS, default="head")
    parser.add_argument("--sockets", type=int, default=2000)
    parser.add_argument("--seconds", type=float, default=20, help="how long they are watched")
    parser.add_argument("--process", type=int, help="the server's, to tell what it holds")
    raise_descriptor_limit()
    asyncio.run(measure(parser.parse_args()))


if __name__ == "__main__":
    main()
