"""LiveKit's Python SDK (libwebrtc) stops encoding what nobody watches, as our server tells it to."""

import asyncio

from livekit import rtc

import support

# Less is told after five seconds; then the encoder must act.
PATIENCE = 12.0


async def frames_sent(track: rtc.Track) -> dict[str, int]:
    """The frames that each layer has sent so far, by rid."""
    reports = [report.outbound_rtp for report in await track.get_stats() if report.WhichOneof("stats") == "outbound_rtp"]
    return {report.outbound.rid: report.outbound.frames_sent for report in reports}


async def sending(track: rtc.Track) -> set[str]:
    """The layers that send something within a second."""
    before = await frames_sent(track)
    await asyncio.sleep(1)
    return {rid for rid, count in (await frames_sent(track)).items() if count > before.get(rid, 0)}


async def wait_for_layers(track: rtc.Track, wanted: set[str]) -> None:
    end = asyncio.get_running_loop().time() + PATIENCE
    while (layers := await sending(track)) != wanted:
        assert asyncio.get_running_loop().time() < end, f"{layers} are sent instead of {wanted}"


def test_python_pauses_layers_that_nobody_watches(url: str) -> None:
    async def call() -> None:
        async with support.joined(url, "dynacast", "publisher", dynacast=True) as (publisher, _):
            painter = support.Painter()
            await painter.publish(publisher.local_participant)
            painting = asyncio.create_task(painter.run())
            async with support.joined(url, "dynacast", "watcher") as (watcher, tracks):
                await support.next_track(tracks, rtc.TrackKind.KIND_VIDEO)
                ours = next(
                    publication.track for publication in publisher.local_participant.track_publications.values()
                    if publication.kind == rtc.TrackKind.KIND_VIDEO
                )
                theirs = next(
                    publication for publication in watcher.remote_participants["publisher"].track_publications.values()
                    if publication.kind == rtc.TrackKind.KIND_VIDEO
                )
                layers = {rid for rid in await frames_sent(ours) if rid}
                assert len(layers) >= 2, f"no simulcast: {layers}"
                await wait_for_layers(ours, layers)
                theirs.set_video_quality(rtc.VideoQuality.VIDEO_QUALITY_LOW)
                await wait_for_layers(ours, {"q"})
                theirs.set_subscribed(False)
                await wait_for_layers(ours, set())
                theirs.set_subscribed(True)
                theirs.set_video_quality(rtc.VideoQuality.VIDEO_QUALITY_HIGH)
                await wait_for_layers(ours, layers)
                track = await support.next_track(tracks, rtc.TrackKind.KIND_VIDEO)
                assert len(await support.see(track, 20)) == 20
            painting.cancel()
            await asyncio.gather(painting, return_exceptions=True)

    asyncio.run(asyncio.wait_for(call(), 90))
