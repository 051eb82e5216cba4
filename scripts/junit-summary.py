#!/usr/bin/env python3
"""Prints a JUnit report as one line for each test file: passed, failed, skipped; then the names of what failed."""

import collections
import sys
import xml.etree.ElementTree as ElementTree


def outcome(case: ElementTree.Element) -> str:
    tags = {child.tag for child in case}
    if tags & {"failure", "error"}:
        return "failed"
    return "skipped" if "skipped" in tags else "passed"


def main(report: str) -> None:
    counts: dict[str, collections.Counter[str]] = collections.defaultdict(collections.Counter)
    failures = []
    for case in ElementTree.parse(report).iter("testcase"):
        name = case.get("classname") or case.get("name") or "?"
        file = next((part for part in name.split(".") if part.startswith("test_")), name)
        result = outcome(case)
        counts[file][result] += 1
        if result == "failed":
            failures.append(f"{file}::{case.get('name')}")
    total: collections.Counter[str] = collections.Counter()
    print(f"{'file':<28}{'passed':>8}{'failed':>8}{'skipped':>8}")
    for file in sorted(counts):
        total += counts[file]
        print(f"{file:<28}{counts[file]['passed']:>8}{counts[file]['failed']:>8}{counts[file]['skipped']:>8}")
    print(f"{'all':<28}{total['passed']:>8}{total['failed']:>8}{total['skipped']:>8}")
    for failure in failures:
        print(f"failed: {failure}")


if __name__ == "__main__":
    main(sys.argv[1])
