"""What the rigs share: quantiles as one line, and what a process holds."""

import dataclasses
import os
import pathlib
import resource


def raise_descriptor_limit() -> None:
    """To what the system allows: a rig holds thousands of sockets."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def quantile(values: list[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(int(share * len(ordered)), len(ordered) - 1)]


def quantiles(seconds: list[float]) -> str:
    """Median, p95, p99 and the worst of durations, in milliseconds."""
    if not seconds:
        return "- (none)"
    parts = {"median": 0.5, "p95": 0.95, "p99": 0.99, "at most": 1.0}
    return ", ".join(f"{name} {quantile(seconds, share) * 1000:.1f}" for name, share in parts.items()) + " ms"


@dataclasses.dataclass
class Held:
    """What a process holds at one moment."""

    resident: int
    descriptors: int
    threads: int

    @classmethod
    def by(cls, process: int) -> "Held":
        status = dict(
            line.split(":", 1) for line in pathlib.Path(f"/proc/{process}/status").read_text().splitlines() if ":" in line
        )
        return cls(
            resident=int(status["VmRSS"].split()[0]) * 1024,
            descriptors=len(os.listdir(f"/proc/{process}/fd")),
            threads=int(status["Threads"]),
        )

    def __str__(self) -> str:
        return f"RSS {self.resident / 2**20:.1f} MiB, {self.descriptors} descriptors, {self.threads} threads"

    def since(self, before: "Held") -> str:
        grown = (self.resident - before.resident) / 2**20
        return f"RSS {grown:+.1f} MiB, descriptors {self.descriptors - before.descriptors:+d}"
