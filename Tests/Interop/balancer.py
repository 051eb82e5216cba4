"""Spreads TCP connections over several addresses in turn, as a load balancer before a cluster does.

    balancer.py HOST:PORT HOST:PORT…

Prints the port that it listens on, on this machine only. Each connection goes to the next address; bytes are carried
both ways until either side ends.
"""

import asyncio
import itertools
import sys


async def carry(reader, writer):
    try:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    except (ConnectionError, asyncio.CancelledError):
        pass
    finally:
        writer.close()


async def main(addresses):
    turn = itertools.cycle(address.rsplit(":", 1) for address in addresses)

    async def serve(reader, writer):
        host, port = next(turn)
        try:
            far_reader, far_writer = await asyncio.open_connection(host, int(port))
        except OSError:
            writer.close()
            return
        await asyncio.gather(carry(reader, far_writer), carry(far_reader, writer))

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1:]))
