"""A TCP proxy in front of a server's signalling, whose connections can be cut and kept out for a while.

Kept out means held, as where packets vanish: the client's attempt hangs until the cut is over. With `refuses` an attempt
is reset at once, as where nobody listens.
"""

import asyncio


class CuttingProxy:
    def __init__(self, host: str, port: int, refuses: bool = False) -> None:
        self.upstream = (host, port)
        self.refuses = refuses
        self.open = asyncio.Event()
        self.open.set()
        self.port = 0
        self.accepted = 0
        self.kept_out = 0
        self.server: asyncio.Server | None = None
        self.writers: set[asyncio.StreamWriter] = set()

    async def start(self) -> str:
        """Listens; returns the URL that leads through it."""
        self.server = await asyncio.start_server(self.serve, "127.0.0.1", 0)
        self.port = self.server.sockets[0].getsockname()[1]
        return f"ws://127.0.0.1:{self.port}"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if not self.open.is_set():
            self.kept_out += 1
            if self.refuses:
                writer.transport.abort()
                return
            await self.open.wait()
        self.accepted += 1
        try:
            back_reader, back_writer = await asyncio.open_connection(*self.upstream)
        except OSError:
            writer.transport.abort()
            return
        self.writers |= {writer, back_writer}
        await asyncio.gather(self.pump(reader, back_writer), self.pump(back_reader, writer))
        self.writers -= {writer, back_writer}

    @staticmethod
    async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while data := await reader.read(65536):
                writer.write(data)
                await writer.drain()
        except OSError:
            pass
        finally:
            writer.close()

    async def cut(self, seconds: float) -> None:
        """Resets what is open, and keeps out what comes, for so long."""
        self.open.clear()
        for writer in self.writers:
            writer.transport.abort()
        await asyncio.sleep(seconds)
        self.open.set()

    async def stop(self) -> None:
        if self.server:
            self.server.close()
        await self.cut(0)
