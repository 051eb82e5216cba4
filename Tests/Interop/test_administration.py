"""What the room service does beyond LiveKit's own server, met by LiveKit's Python SDK."""

import asyncio
import time
from collections.abc import AsyncIterator
import contextlib

import numpy
import pytest
from livekit import api, rtc

import support


@contextlib.asynccontextmanager
async def service(url: str) -> AsyncIterator["api.room_service.RoomService"]:
    client = api.LiveKitAPI(url.replace("ws", "http", 1), support.KEY, support.SECRET)
    try:
        yield client.room
    finally:
        await client.aclose()


async def whistle(participant: rtc.LocalParticipant, tone: float) -> None:
    """Publishes a tone until it is cancelled."""
    source = rtc.AudioSource(support.SAMPLE_RATE, 1)
    options = rtc.TrackPublishOptions(source=rtc.TrackSource.SOURCE_MICROPHONE)
    await participant.publish_track(rtc.LocalAudioTrack.create_audio_track("whistle", source), options)
    chunk, position = support.SAMPLE_RATE // 50, 0
    while True:
        times = (position + numpy.arange(chunk)) / support.SAMPLE_RATE
        wave = (numpy.sin(2 * numpy.pi * tone * times) * 8000).astype(numpy.int16)
        await source.capture_frame(rtc.AudioFrame(wave.tobytes(), support.SAMPLE_RATE, 1, chunk))
        position += chunk


async def hears(tracks: "asyncio.Queue[rtc.Track]", tone: float) -> None:
    track = await asyncio.wait_for(support.next_track(tracks, rtc.TrackKind.KIND_AUDIO), 15)
    assert abs(await support.hear(track) - tone) < tone * 0.02


async def move(url: str) -> None:
    async with (
        service(url) as rooms,
        support.joined(url, "here", "alice") as (alice, alice_hears),
        support.joined(url, "here", "bob") as (bob, bob_hears),
        support.joined(url, "there", "carol") as (carol, carol_hears),
    ):
        moved: "asyncio.Queue[str]" = asyncio.Queue()
        alice.on("moved", lambda *_: moved.put_nowait("moved"))
        interrupted: list[str] = []
        alice.on("reconnecting", lambda: interrupted.append("reconnecting"))
        alice.on("disconnected", lambda *_: interrupted.append("disconnected"))
        playing = [
            asyncio.create_task(whistle(alice.local_participant, 440)),
            asyncio.create_task(whistle(carol.local_participant, 700)),
        ]
        try:
            await hears(bob_hears, 440)
            began = time.monotonic()
            await rooms.move_participant(
                api.MoveParticipantRequest(room="here", identity="alice", destination_room="there")
            )
            await hears(carol_hears, 440)
            await hears(alice_hears, 700)
            print(f"both hear each other {time.monotonic() - began:.1f} s after the call, a second of listening each")
            await asyncio.wait_for(moved.get(), 5)
            assert not interrupted, interrupted
            assert [p.identity for p in alice.remote_participants.values()] == ["carol"]
            assert not bob.remote_participants
            listed = await rooms.list_participants(api.ListParticipantsRequest(room="there"))
            assert {p.identity for p in listed.participants} == {"alice", "carol"}
            # Signalling goes on in the new room.
            await alice.local_participant.set_attributes({"seen": "there"})
        finally:
            for task in playing:
                task.cancel()
            await asyncio.gather(*playing, return_exceptions=True)


def test_a_participant_moves_with_its_connections(url: str) -> None:
    asyncio.run(asyncio.wait_for(move(url), 60))


async def call(url: str) -> None:
    async with service(url) as rooms, support.joined(url, "calls", "alice") as (alice, _):

        @alice.local_participant.register_rpc_method("shout")
        async def shout(data: rtc.RpcInvocationData) -> str:
            return data.payload.upper()

        @alice.local_participant.register_rpc_method("fail")
        async def fail(_: rtc.RpcInvocationData) -> str:
            raise rtc.RpcError(1234, "burnt", "black")

        def request(method: str) -> api.PerformRpcRequest:
            return api.PerformRpcRequest(
                room="calls", destination_identity="alice", method=method, payload="soup", response_timeout_ms=5000
            )

        async def perform(method: str) -> str:
            # The SDK has the messages and no method yet.
            header = rooms._auth_header(api.VideoGrants(room_admin=True, room="calls"))
            answer = await rooms._client.request(
                "RoomService", "PerformRpc", request(method), header, api.PerformRpcResponse
            )
            return answer.payload

        assert await perform("shout") == "SOUP"
        with pytest.raises(api.TwirpError) as failed:
            await perform("fail")
        assert "1234" in failed.value.message and "burnt" in failed.value.message
        with pytest.raises(api.TwirpError) as unknown:
            await perform("no such")
        assert unknown.value.code == "invalid_argument"


def test_the_api_calls_a_method(url: str) -> None:
    asyncio.run(asyncio.wait_for(call(url), 60))


async def revoke(url: str) -> None:
    token = support.token("closed", "mallory")
    async with service(url) as rooms:
        mallory = rtc.Room()
        await mallory.connect(url, token)
        request = api.RoomParticipantIdentity(room="closed", identity="mallory", revoke_token_ts=int(time.time()) + 60)
        await rooms.remove_participant(request)
        with pytest.raises(rtc.ConnectError):
            await rtc.Room().connect(url, token)


def test_a_revoked_token_does_not_come_back(url: str) -> None:
    asyncio.run(asyncio.wait_for(revoke(url), 60))
