"""Values are written by whoever holds the lock, also when somebody comes back who held it once."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from apply_world import a_target

from chronon.model.errors import ChrononError, InvariantError
from chronon.runners.deployment import Deployment
from chronon.runners.fence import fenced
from chronon.stores.kv import KvStore
from chronon.stores.kv.layout import FENCE
from chronon.stores.state import Lease


@pytest.fixture
def target(tmp_path: Path) -> Iterator[Deployment]:
    with a_target(tmp_path) as deployment:
        yield deployment


def lease(target: Deployment, holder: str, now: float) -> Lease:
    return target.state.acquire(holder, lease_s=60, now=now)


def test_values_are_written_under_a_sign_that_goes_away_in_the_end(target: Deployment) -> None:
    with fenced(target.kv, target.state, lease(target, "ann", 0.0), lambda: 1.0) as kv:
        kv.write([(b"a", b"1")])
        kv.replace(b"p/", [(b"p/1", b"x")])
        kv.delete_prefix(b"a")
        signed = kv.multi_get([FENCE])

    assert signed == [b"1 ann 0.0 1"]
    assert list(target.kv.scan(b"")) == [(b"p/1", b"x")]


def test_holder_that_comes_back_late_writes_nothing(target: Deployment) -> None:
    with fenced(target.kv, target.state, lease(target, "ann", 0.0), lambda: 1.0) as late:
        late.write([(b"a", b"ann")])
        with fenced(target.kv, target.state, lease(target, "bob", 100.0), lambda: 101.0) as kv:
            kv.write([(b"a", b"bob")])
            for write in (
                lambda: late.write([(b"a", b"late")]),
                lambda: late.replace(b"a", []),
                lambda: late.delete_prefix(b"a"),
            ):
                with pytest.raises(ChrononError, match="CHR-K013 ann lost the lock"):
                    write()
            kv.write([(b"b", b"bob")])
        with pytest.raises(ChrononError, match="CHR-K013"):
            late.write([(b"a", b"later still")])

    assert list(target.kv.scan(b"")) == [(b"a", b"bob"), (b"b", b"bob")]


def test_holder_whose_sign_a_late_one_overwrote_goes_on(target: Deployment) -> None:
    with fenced(target.kv, target.state, lease(target, "bob", 100.0), lambda: 101.0) as kv:
        target.kv.write([(FENCE, b"0 ann 0.0")])

        kv.write([(b"a", b"bob")])

        assert kv.multi_get([FENCE, b"a"]) == [b"1 bob 100.0 2", b"bob"]


def test_threads_of_a_holder_that_comes_back_late_write_nothing_either(target: Deployment) -> None:
    refused: list[str] = []

    def write(late: KvStore, number: int) -> None:
        try:
            late.write([(f"late/{number}".encode(), b"")])
        except ChrononError as error:
            refused.append(error.code)

    with fenced(target.kv, target.state, lease(target, "ann", 0.0), lambda: 1.0) as late:
        lease(target, "bob", 100.0)
        target.kv.write([(FENCE, b"2 bob 100.0 1")])
        threads = [threading.Thread(target=write, args=(late, number)) for number in range(16)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    assert refused == ["CHR-K013"] * 16
    assert list(target.kv.scan(b"late/")) == []


def test_lease_that_is_lost_already_signs_nothing_for_long(target: Deployment) -> None:
    old = lease(target, "ann", 0.0)
    lease(target, "bob", 100.0)

    with pytest.raises(ChrononError, match="CHR-K013"), fenced(target.kv, target.state, old, lambda: 101.0):
        pytest.fail("a lost lease was confirmed")
    assert list(target.kv.scan(b"")) == []


def test_fenced_store_takes_no_guard_beside_its_own(target: Deployment) -> None:
    with (
        fenced(target.kv, target.state, lease(target, "ann", 0.0), lambda: 1.0) as kv,
        pytest.raises(InvariantError, match="one-guard"),
    ):
        kv.write([(b"a", b"1")], guard=(b"x", b"y"))
