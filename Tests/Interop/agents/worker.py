"""A worker of LiveKit's agents framework whose agent whistles. Address and key come from the environment."""

import asyncio
import sys

import numpy
from livekit import agents, rtc

SAMPLE_RATE, TONE = 48_000, 620.0

server = agents.AgentServer(
    host="127.0.0.1",
    port=0,
    num_idle_processes=1,
    load_threshold=100.0,
    load_fnc=lambda: 0.0,
)


@server.rtc_session(agent_name="whistler")
async def entrypoint(ctx: agents.JobContext) -> None:
    await ctx.connect()
    source = rtc.AudioSource(SAMPLE_RATE, 1)
    track = rtc.LocalAudioTrack.create_audio_track("whistle", source)
    options = rtc.TrackPublishOptions(source=rtc.TrackSource.SOURCE_MICROPHONE)
    await ctx.room.local_participant.publish_track(track, options)
    await ctx.room.local_participant.set_attributes({"job": ctx.job.id, "metadata": ctx.job.metadata})
    chunk, position = SAMPLE_RATE // 50, 0
    while ctx.room.isconnected():
        times = (position + numpy.arange(chunk)) / SAMPLE_RATE
        wave = (numpy.sin(2 * numpy.pi * TONE * times) * 8000).astype(numpy.int16)
        await source.capture_frame(rtc.AudioFrame(wave.tobytes(), SAMPLE_RATE, 1, chunk))
        position += chunk
        await asyncio.sleep(0)


if __name__ == "__main__":
    sys.argv = [sys.argv[0], "start"]
    agents.cli.run_app(server)
