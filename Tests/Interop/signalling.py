"""LiveKit's signalling by hand over one WebSocket: for peers that are no LiveKit client, and for what clients do not tell."""

import asyncio
from typing import Any

import aiohttp
from livekit.protocol import rtc as proto

PROTOCOL = "9"


class SignalClosed(Exception):
    """The server ended the socket."""


class Signal:
    """A joined socket; `answered` is the JoinResponse."""

    def __init__(self, session: aiohttp.ClientSession, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.session = session
        self.socket = socket
        self.answered = proto.JoinResponse()

    @classmethod
    async def join(cls, url: str, token: str, **parameters: str) -> "Signal":
        """Opens the socket and reads the first message."""
        query = {"protocol": PROTOCOL, "sdk": "other", "auto_subscribe": "1", "access_token": token} | parameters
        session = aiohttp.ClientSession()
        try:
            signal = cls(session, await session.ws_connect(f"{url}/rtc", params=query, max_msg_size=0))
            first = await signal.receive()
            if first.WhichOneof("message") == "join":
                signal.answered = first.join
            return signal
        except BaseException:
            await session.close()
            raise

    async def send(self, **message: Any) -> None:
        await self.socket.send_bytes(proto.SignalRequest(**message).SerializeToString())

    async def receive(self) -> proto.SignalResponse:
        while True:
            message = await self.socket.receive()
            if message.type == aiohttp.WSMsgType.BINARY:
                return proto.SignalResponse.FromString(message.data)
            if message.type in (aiohttp.WSMsgType.CLOSE, aiohttp.WSMsgType.CLOSED, aiohttp.WSMsgType.ERROR):
                raise SignalClosed(f"closed with {self.socket.close_code}")

    async def ping(self, every: float) -> None:
        """Keeps the socket alive until cancelled, as JoinResponse.ping_interval asks."""
        while True:
            await asyncio.sleep(every)
            await self.send(ping=1)

    async def close(self) -> None:
        await self.socket.close()
        await self.session.close()
