"""Lets the tests of this room import the builders that stand beside them, and gives them every state store."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from postgres_server import Server, running

from chronon.stores.state import StateStore, open_state, state_backends

BACKENDS = [
    pytest.param(name, marks=[pytest.mark.engine] if name == "postgres" else [], id=name) for name in state_backends()
]


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """A server of this session, started by the first test that needs it."""
    with running() as server:
        yield server


@pytest.fixture(scope="session", params=BACKENDS)
def new_address(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Callable[[], str]:
    """Addresses of states that were never written, of every backend in turn."""
    if request.param == "postgres":
        server: Server = request.getfixturevalue("postgres")
        return server.address
    return lambda: f"{request.param}:{tmp_path_factory.mktemp('home') / 'state'}"


@pytest.fixture
def address(new_address: Callable[[], str]) -> str:
    return new_address()


@pytest.fixture
def store(address: str) -> Iterator[StateStore]:
    opened = open_state(address)
    yield opened
    opened.close()
