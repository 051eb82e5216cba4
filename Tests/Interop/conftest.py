"""One server for all tests; every test has a room of its own."""

import pathlib
from collections.abc import Iterator

import pytest

import support


@pytest.fixture(scope="session")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    log = tmp_path_factory.mktemp("server") / "demo-server.log"
    with support.server(log) as address:
        yield address


@pytest.fixture
def log(tmp_path: pathlib.Path) -> pathlib.Path:
    return tmp_path / "bot.log"
