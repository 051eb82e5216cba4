"""Chromium as a participant: a page in plain WebRTC, served from here, that reports back what it counts."""

import contextlib
import http.server
import json
import pathlib
import queue
import shutil
import threading
import time
import urllib.parse
from collections.abc import Callable, Iterator

import support

EXECUTABLE = next(filter(None, map(shutil.which, ["chromium", "chromium-browser", "google-chrome"])), None)
PAGE = pathlib.Path(__file__).with_name("browser.html")


class Reports:
    """What one page reported."""

    def __init__(self) -> None:
        self.queue: queue.Queue[dict] = queue.Queue()

    def until(self, condition: Callable[[dict], bool], seconds: float) -> dict:
        """The first report that meets a condition; fails with the last one otherwise."""
        deadline = time.monotonic() + seconds
        report: dict = {}
        while (left := deadline - time.monotonic()) > 0:
            with contextlib.suppress(queue.Empty):
                report = self.queue.get(timeout=left)
                assert "error" not in report, report["error"]
                if condition(report):
                    return report
        raise AssertionError(f"after {seconds} s the browser reports {report}")


@contextlib.contextmanager
def participant(
    url: str, room: str, identity: str, folder: pathlib.Path, *flags: str, publishes: bool = False, **words: str
) -> Iterator[Reports]:
    """A Chromium that has joined for as long as the block lasts. More words for the page: `publish="picture"` publishes
    video alone and in one layer; `relay` is the port of a relay before the server; with `no-nack` it does not offer to
    send again."""
    reports = Reports()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(PAGE.read_bytes())

        def do_POST(self) -> None:
            reports.queue.put(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(204)
            self.end_headers()

        def log_message(self, format: str, *arguments: object) -> None:
            pass

    pages = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=pages.serve_forever, daemon=True).start()
    if publishes:
        words.setdefault("publish", "layers")
    words |= {"url": url, "token": support.token(room, identity), "identity": identity}
    address = f"http://127.0.0.1:{pages.server_port}/?{urllib.parse.urlencode(words)}"
    command = [
        EXECUTABLE or "chromium", "--headless=new", "--no-sandbox", "--disable-gpu", "--mute-audio",
        "--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream",
        "--autoplay-policy=no-user-gesture-required", f"--user-data-dir={folder / identity}", *flags, address,
    ]
    try:
        with support.running(folder / f"{identity}.log", *command):
            yield reports
    finally:
        pages.shutdown()
