"""A real worker of LiveKit's agents framework against our server: it registers, gets a job, joins and is heard."""

import asyncio
import contextlib
import os
import pathlib
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest

pytest.importorskip("livekit.agents", reason="scripts/test-agents.sh has an environment with it")

from livekit import api, rtc  # noqa: E402
from livekit.protocol import agent as wire  # noqa: E402

import support  # noqa: E402

HERE = pathlib.Path(__file__).resolve().parent
TONE = 620.0


@contextlib.contextmanager
def worker(url: str, log: pathlib.Path) -> Iterator["subprocess.Popen[bytes]"]:
    """The worker as a process of its own, once it has registered."""
    environment = os.environ | {
        "LIVEKIT_URL": url, "LIVEKIT_API_KEY": support.KEY, "LIVEKIT_API_SECRET": support.SECRET, "HF_HUB_OFFLINE": "1",
    }
    with log.open("wb") as words:
        child = subprocess.Popen(
            [sys.executable, HERE / "worker.py"], stdout=words, stderr=subprocess.STDOUT, env=environment,
            start_new_session=True,
        )
    try:
        deadline = time.monotonic() + 60
        while "registered worker" not in log.read_text(errors="replace"):
            assert time.monotonic() < deadline and child.poll() is None, log.read_text(errors="replace")[-4000:]
            time.sleep(0.1)
        yield child
    finally:
        kill(child)


def kill(child: "subprocess.Popen[bytes]") -> None:
    """The worker and the processes of its jobs, at once, as a machine that loses its power."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child.pid, 9)
    child.wait()


async def jobs(client: api.LiveKitAPI, room: str) -> list[wire.Job]:
    return [job for dispatch in await client.agent_dispatch.list_dispatch(room) for job in dispatch.state.jobs]


async def agent_of(room: rtc.Room, *, other_than: str = "") -> rtc.RemoteParticipant:
    while True:
        for participant in room.remote_participants.values():
            is_agent = participant.kind == rtc.ParticipantKind.PARTICIPANT_KIND_AGENT
            if is_agent and participant.attributes.get("job") and participant.sid != other_than:
                return participant
        await asyncio.sleep(0.1)


async def call(url: str, room_name: str) -> None:
    client = api.LiveKitAPI(url.replace("ws", "http", 1), support.KEY, support.SECRET)
    try:
        async with support.joined(url, room_name, "listener") as (room, tracks):
            request = api.CreateAgentDispatchRequest(agent_name="whistler", room=room_name, metadata="please")
            dispatch = await client.agent_dispatch.create_dispatch(request)
            track = await asyncio.wait_for(support.next_track(tracks, rtc.TrackKind.KIND_AUDIO), 30)
            assert abs(await support.hear(track) - TONE) < TONE * 0.02
            agent = await asyncio.wait_for(agent_of(room), 10)
            (job,) = await jobs(client, room_name)
            assert agent.attributes["job"] == job.id and agent.attributes["metadata"] == "please"
            assert agent.attributes["lk.agent_name"] == "whistler"
            assert (job.state.status, job.state.participant_identity) == (wire.JS_RUNNING, agent.identity)
            await client.agent_dispatch.delete_dispatch(dispatch.id, room_name)
            deadline = time.monotonic() + 15
            while room.remote_participants and time.monotonic() < deadline:
                await asyncio.sleep(0.1)
            assert not room.remote_participants, "the agent is still here"
    finally:
        await client.aclose()


def test_a_worker_registers_joins_and_is_heard(url: str, log: pathlib.Path) -> None:
    with worker(url, log):
        asyncio.run(asyncio.wait_for(call(url, "agents"), 90))


async def take_over(url: str, room_name: str, folder: pathlib.Path) -> float:
    client = api.LiveKitAPI(url.replace("ws", "http", 1), support.KEY, support.SECRET)
    with contextlib.ExitStack() as workers:
        first = workers.enter_context(worker(url, folder / "first.log"))
        async with support.joined(url, room_name, "listener") as (room, tracks):
            request = api.CreateAgentDispatchRequest(agent_name="whistler", room=room_name)
            await client.agent_dispatch.create_dispatch(request)
            agent = await asyncio.wait_for(agent_of(room), 30)
            (before,) = await jobs(client, room_name)
            await asyncio.to_thread(workers.enter_context, worker(url, folder / "second.log"))
            kill(first)
            gone = time.monotonic()
            successor = await asyncio.wait_for(agent_of(room, other_than=agent.sid), 40)
            taken = time.monotonic() - gone
            (after,) = await jobs(client, room_name)
            assert successor.attributes["job"] == before.id == after.id
            assert after.state.worker_id != before.state.worker_id
    await client.aclose()
    return taken


def test_another_worker_takes_over_when_one_vanishes(url: str, tmp_path: pathlib.Path) -> None:
    taken = asyncio.run(asyncio.wait_for(take_over(url, "takeover", tmp_path), 110))
    print(f"taken over after {taken:.1f} s")
    # Fifteen seconds to be offered again, and what an agent needs to join and to publish.
    assert taken < 20
