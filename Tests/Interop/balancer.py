"""Spreads TCP connections over several addresses in turn, as a load balancer before a cluster does.

    balancer.py HOST:PORT HOST:PORT…

Prints the port that it listens on, on this machine only. Each connection goes to the next address; what either side sent
reaches the other, also when it breaks off right after.
"""

import asyncio
import itertools
import sys


class End(asyncio.Protocol):
    """One end of a connection; what comes in goes out at its peer."""

    def __init__(self):
        self.peer = None
        self.transport = None
        self.early = []

    def connection_made(self, transport):
        self.transport = transport

    def data_received(self, data):
        if self.peer is None:
            self.early.append(data)
        else:
            self.peer.transport.write(data)

    def connection_lost(self, error):
        if self.peer is not None:
            self.peer.transport.close()

    def join(self, peer):
        self.peer = peer
        for data in self.early:
            peer.transport.write(data)


async def main(addresses):
    turn = itertools.cycle(address.rsplit(":", 1) for address in addresses)
    loop = asyncio.get_running_loop()
    connecting = set()

    async def connect(near):
        host, port = next(turn)
        try:
            _, far = await loop.create_connection(End, host, int(port))
        except OSError:
            near.transport.close()
            return
        far.join(near)
        near.join(far)
        if near.transport.is_closing():
            far.transport.close()

    class Near(End):
        def connection_made(self, transport):
            super().connection_made(transport)
            task = asyncio.ensure_future(connect(self))
            connecting.add(task)
            task.add_done_callback(connecting.discard)

    server = await loop.create_server(Near, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1:]))
