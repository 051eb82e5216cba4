"""One server for all tests; every test has a room of its own."""

import pathlib
from collections.abc import Iterator

import pytest

import support


@pytest.fixture(scope="session")
def server_log(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    return tmp_path_factory.mktemp("server") / "demo-server.log"


@pytest.fixture(scope="session")
def url(server_log: pathlib.Path) -> Iterator[str]:
    with support.server(server_log) as address:
        yield address


@pytest.fixture
def log(tmp_path: pathlib.Path) -> pathlib.Path:
    return tmp_path / "bot.log"
