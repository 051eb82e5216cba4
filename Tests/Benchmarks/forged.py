"""Sends what strangers forge, each datagram from an address of its own, and counts what comes back.

python3 forged.py allocate|again|stun|dtls HOST PORT COUNT

The addresses are 127.a.b.c, all of which are this host's: what a router would have to forge is bound here.
`again` sends all from one address within a second, for the limit of refusals to each. Prints a line
`KIND sent COUNT BYTES answers COUNT BYTES ratio R`; R is that of an answer to what it answers. Sizes are those on the
wire, with IP and UDP headers.
"""

import os
import random
import socket
import struct
import sys
import time

kind, host, port, count = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
source = random.Random(11)
HEADERS = 28
BATCH = 250
PATIENCE = 0.3 if kind in ("allocate", "again") else 0.02


def stun(method: int, attributes: bytes) -> bytes:
    return struct.pack("!HHI", method, len(attributes), 0x2112A442) + source.randbytes(12) + attributes


def datagram() -> bytes:
    if kind in ("allocate", "again"):
        return stun(3, struct.pack("!HHB3x", 0x0019, 4, 17))
    if kind == "stun":
        # As an ICE check, for a username that is nobody's.
        name = b"nobody%06d:me" % source.randrange(10**6)
        padded = name + bytes(-len(name) % 4)
        return stun(1, struct.pack("!HH", 6, len(name)) + padded + struct.pack("!HH", 8, 20) + source.randbytes(20))
    # A ClientHello that is whole, with cipher suites that everybody has.
    body = b"\xfe\xfd" + source.randbytes(32) + b"\x00\x00" + b"\x00\x04\xc0\x2b\xc0\x2f" + b"\x01\x00"
    handshake = b"\x01" + len(body).to_bytes(3, "big") + b"\x00\x00" + b"\x00\x00\x00" + len(body).to_bytes(3, "big")
    content = handshake + body
    return b"\x16\xfe\xff" + b"\x00" * 8 + len(content).to_bytes(2, "big") + content


def address(number: int) -> str:
    return f"127.{1 + number // 60_000}.{number // 250 % 240}.{1 + number % 250}"


def collect(sockets: list[socket.socket], expected: int) -> tuple[int, int]:
    """Reads until as many came as can, or none did for a while."""
    answers = size = 0
    quiet_since = time.monotonic()
    while answers < expected and time.monotonic() - quiet_since < PATIENCE:
        before = answers
        for each in sockets:
            try:
                while True:
                    size += len(each.recv(2048)) + HEADERS
                    answers += 1
            except BlockingIOError:
                continue
        if answers > before:
            quiet_since = time.monotonic()
        else:
            time.sleep(0.005)
    return answers, size


def opened(bound: str) -> socket.socket:
    each = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    each.setblocking(False)
    each.bind((bound, 0))
    return each


sent_bytes = answers = answer_bytes = 0
if kind == "again":
    one = opened("127.200.0.1")
    for _ in range(count):
        bytes_out = datagram()
        sent_bytes += len(bytes_out) + HEADERS
        one.sendto(bytes_out, (host, port))
    answers, answer_bytes = collect([one], count)
else:
    for first in range(0, count, BATCH):
        sockets = [opened(address(number)) for number in range(first, min(first + BATCH, count))]
        for each in sockets:
            bytes_out = datagram()
            sent_bytes += len(bytes_out) + HEADERS
            each.sendto(bytes_out, (host, port))
        found, size = collect(sockets, len(sockets))
        answers += found
        answer_bytes += size
        for each in sockets:
            each.close()
ratio = answer_bytes / answers / (sent_bytes / count) if answers else 0
print(f"{kind} sent {count} {sent_bytes} answers {answers} {answer_bytes} ratio {ratio:.2f}")
os._exit(0)
