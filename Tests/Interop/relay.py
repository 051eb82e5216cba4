"""A UDP relay in front of the server's media port that delays everything, and loses the packets it is told to.

RTP is encrypted but for its headers: the relay tells streams by payload type and SSRC, and cannot read feedback. Of data
channels it sees DTLS records alone.
"""

import asyncio
import collections
import dataclasses
import random
import socket
import threading
from collections.abc import Callable


@dataclasses.dataclass
class Packet:
    """An RTP packet's header on its way to or from the server."""

    to_server: bool
    payload_type: int
    ssrc: int
    sequence: int
    #: Padding fills it, in part or whole: libwebrtc probes for bandwidth so.
    is_padded: bool


def read(datagram: bytes, to_server: bool) -> Packet | None:
    """The header, unless the datagram is none of RTP's (RFC 7983 §7, RFC 5761 §4)."""
    if len(datagram) < 12 or not 128 <= datagram[0] < 192 or 192 <= datagram[1] < 224:
        return None
    return Packet(
        to_server,
        payload_type=datagram[1] & 127,
        ssrc=int.from_bytes(datagram[8:12], "big"),
        sequence=int.from_bytes(datagram[2:4], "big"),
        is_padded=bool(datagram[0] & 0x20),
    )


class Relay:
    """Runs on a thread of its own for as long as its block lasts."""

    def __init__(
        self,
        server_port: int,
        delay: float,
        loses: Callable[[Packet, random.Random], bool] = lambda *_: False,
        data_loss: float = 0,
    ) -> None:
        self.server = ("127.0.0.1", server_port)
        self.delay = delay
        self.loses = loses
        #: The share of DTLS records of application data that is lost, both ways.
        self.data_loss = data_loss
        self.data_lost = 0
        self.random = random.Random(7)
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self.front = self.bind()
        self.port = self.front.getsockname()[1]
        #: The socket towards the server, for each client's address.
        self.backs: dict[tuple[str, int], socket.socket] = {}
        #: Packets that went through, and that were lost, by (to the server, payload type, SSRC).
        self.passed: collections.Counter[tuple[bool, int, int]] = collections.Counter()
        self.lost: collections.Counter[tuple[bool, int, int]] = collections.Counter()

    @staticmethod
    def bind() -> socket.socket:
        made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        made.setblocking(False)
        made.bind(("127.0.0.1", 0))
        return made

    def __enter__(self) -> "Relay":
        self.loop.add_reader(self.front, self.from_client)
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join()
        for each in [self.front, *self.backs.values()]:
            each.close()

    def from_client(self) -> None:
        for datagram, client in drain(self.front):
            if client not in self.backs:
                self.backs[client] = self.bind()
                self.loop.add_reader(self.backs[client], self.from_server, client)
            self.carry(datagram, True, self.backs[client], self.server)

    def from_server(self, client: tuple[str, int]) -> None:
        for datagram, _ in drain(self.backs[client]):
            self.carry(datagram, False, self.front, client)

    def carry(self, datagram: bytes, to_server: bool, by: socket.socket, target: tuple[str, int]) -> None:
        packet = read(datagram, to_server)
        if packet:
            is_lost = self.loses(packet, self.random)
            (self.lost if is_lost else self.passed)[to_server, packet.payload_type, packet.ssrc] += 1
            if is_lost:
                return
        elif datagram[:1] == b"\x17" and self.random.random() < self.data_loss:
            self.data_lost += 1
            return
        self.loop.call_later(self.delay, by.sendto, datagram, target)


def drain(source: socket.socket) -> list[tuple[bytes, tuple[str, int]]]:
    """What waits on a socket now."""
    found = []
    try:
        while len(found) < 64:
            found.append(source.recvfrom(2048))
    except OSError:
        pass
    return found
