"""The media tests again where no UDP gets through: behind such firewalls a client has only TCP.

Server and clients run in a network namespace of their own, in which every UDP datagram that comes in is dropped.
That takes the rights to make one; without them the tests are skipped.
"""

import pathlib
import shutil
import subprocess
import sys

import pytest

HERE = pathlib.Path(__file__).resolve().parent
# libwebrtc does not use loopback interfaces, so there is another one, whose cable ends in the same namespace.
SETUP = """
ip link set lo up && ip link add lk0 type veth peer name lk1 && ip address add 10.77.0.1/24 dev lk0 &&
ip link set lk0 up && ip link set lk1 up && iptables -A INPUT -p udp -j DROP
"""


def isolated(command: str, **options: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["unshare", "--net", "sh", "-c", f"{SETUP.strip()} && {command}"], capture_output=True, text=True, check=False, **options
    )


def obstacle() -> str | None:
    """What keeps the test from running."""
    missing = [tool for tool in ("unshare", "ip", "iptables") if shutil.which(tool) is None]
    if missing:
        return f"not installed: {', '.join(missing)}"
    run = isolated("true")
    return None if run.returncode == 0 else f"no network namespace can be made: {run.stderr.strip()}"


@pytest.mark.skipif((why := obstacle()) is not None, reason=str(why))
@pytest.mark.timeout(300)
def test_media_over_tcp_alone() -> None:
    run = isolated(
        f"{sys.executable} -m pytest -q -p no:cacheprovider test_media.py && iptables -nvxL INPUT", cwd=HERE, timeout=290
    )
    assert run.returncode == 0, run.stdout[-4000:] + run.stderr[-1000:]
    dropped = next(int(line.split()[0]) for line in run.stdout.splitlines() if "DROP" in line and "policy" not in line)
    assert dropped > 0, "nobody even tried UDP: the test would prove nothing"
