"""Sends datagrams that belong to nobody: python3 flood.py HOST PORT RATE SECONDS garbage|stun"""

import os
import random
import socket
import struct
import sys
import time

host, port, rate, seconds, kind = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4]), sys.argv[5]
source = random.Random(7)


def garbage() -> bytes:
    # Every kind of first byte that RFC 7983 tells apart, and some that it does not.
    first = source.choice([0, 1, 22, 23, 64, 100, 128, 144, 200, 255])
    return bytes([first]) + source.randbytes(source.randrange(0, 1200))


def stun() -> bytes:
    # A well-formed Binding request for a user that is not here.
    name = b"nobody%06d:me" % source.randrange(10**6)
    padded = name + bytes(-len(name) % 4)
    attributes = struct.pack("!HH", 6, len(name)) + padded + struct.pack("!HH", 8, 20) + source.randbytes(20)
    return struct.pack("!HHI", 1, len(attributes), 0x2112A442) + source.randbytes(12) + attributes


packets = [stun() if kind == "stun" else garbage() for _ in range(4096)]
sockets = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(64)]
for each in sockets:
    each.setblocking(False)
start = time.monotonic()
sent = answers = 0
while (elapsed := time.monotonic() - start) < seconds:
    while sent < elapsed * rate:
        try:
            sockets[sent % 64].sendto(packets[sent % 4096], (host, port))
        except BlockingIOError:
            pass
        sent += 1
    for each in sockets[:4]:
        try:
            each.recv(2048)
            answers += 1
        except BlockingIOError:
            pass
    time.sleep(0.001)
print(f"sent {sent} datagrams in {seconds:.0f} s; {answers} answers seen")
os._exit(0)
