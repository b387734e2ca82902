"""The laws of KvStore, run over every backend of the folder: a new backend is tested by being there."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chronon.model.errors import ChrononError, InvariantError
from chronon.stores.kv import KvStore, kv_backends, open_kv
from chronon.stores.kv.contract import GuardBrokenError

KEYS = st.binary(min_size=1, max_size=6)
BATCHES = st.lists(st.dictionaries(KEYS, st.binary(max_size=40), max_size=8), max_size=6)


@pytest.fixture(params=kv_backends())
def address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    return f"{request.param}:{tmp_path / 'kv'}"


@pytest.fixture
def store(address: str) -> Iterator[KvStore]:
    opened = open_kv(address)
    yield opened
    opened.close()


def test_multi_get_answers_in_the_order_of_the_keys(store: KvStore) -> None:
    store.write([(b"a", b"1"), (b"b", b"")])

    assert store.multi_get([b"b", b"missing", b"a", b"b", b""]) == [b"", None, b"1", b"", None]


def test_write_counts_and_the_later_entry_of_a_key_wins(store: KvStore) -> None:
    assert store.write(iter([(b"a", b"1"), (b"a", b"2")])) == 2
    assert store.multi_get([b"a"]) == [b"2"]


def test_write_of_nothing_writes_nothing(store: KvStore) -> None:
    assert store.write([]) == 0
    assert list(store.scan(b"")) == []


@pytest.mark.parametrize("bad", [b"", b"k" * 481])
def test_write_with_an_impossible_key_writes_nothing_of_the_batch(store: KvStore, bad: bytes) -> None:
    with pytest.raises(ChrononError, match="CHR-K005"):
        store.write([(b"a", b"1"), (bad, b"2")])

    assert store.multi_get([b"a"]) == [None]


def test_write_takes_the_longest_key_and_large_values(store: KvStore) -> None:
    store.write([(b"k" * 480, b"v" * 3_000_000)])

    assert store.multi_get([b"k" * 480]) == [b"v" * 3_000_000]


def test_ascending_write_before_existing_keys_is_complete(store: KvStore) -> None:
    store.write([(b"m", b"old")])

    store.write(((b"b%04d" % i, b"%d" % i) for i in range(1000)), ascending=True)

    assert store.multi_get([b"b0000", b"b0999", b"m"]) == [b"0", b"999", b"old"]
    assert len(list(store.scan(b"b"))) == 1000


@pytest.mark.parametrize("keys", [(b"b", b"a"), (b"a", b"a")])
def test_ascending_write_of_other_keys_is_refused_whole(store: KvStore, keys: tuple[bytes, bytes]) -> None:
    with pytest.raises(InvariantError, match="ascending"):
        store.write([(key, b"") for key in keys], ascending=True)

    assert list(store.scan(b"")) == []


def test_delete_prefix_spares_the_neighbours(store: KvStore) -> None:
    store.write([(key, b"") for key in (b"a", b"b/", b"b/1", b"b/\xff\xff", b"b0", b"c")])

    assert store.delete_prefix(b"b/") == 3
    assert [key for key, _ in store.scan(b"")] == [b"a", b"b0", b"c"]
    assert store.delete_prefix(b"") == 3


def test_replace_leaves_only_the_new_entries_and_spares_the_neighbours(store: KvStore) -> None:
    store.write([(key, b"old") for key in (b"a", b"b/1", b"b/10", b"b/2", b"b0")])

    assert store.replace(b"b/", [(b"b/2", b"new"), (b"b/1", b"new")]) == 2
    assert list(store.scan(b"")) == [(b"a", b"old"), (b"b/1", b"new"), (b"b/2", b"new"), (b"b0", b"old")]


def test_replace_with_an_entry_elsewhere_changes_nothing(store: KvStore) -> None:
    store.write([(b"b/1", b"old")])

    with pytest.raises(InvariantError):
        store.replace(b"b/", [(b"b/1", b"new"), (b"c", b"new")])
    assert list(store.scan(b"")) == [(b"b/1", b"old")]


def test_scan_over_many_entries_yields_each_once_by_key(store: KvStore) -> None:
    store.write((b"k%05d" % i, b"") for i in range(5000))

    assert [key for key, _ in store.scan(b"k")] == [b"k%05d" % i for i in range(5000)]


def test_scan_lets_its_caller_write(store: KvStore) -> None:
    store.write((b"k%05d" % i, b"") for i in range(3000))

    for key, _ in store.scan(b"k"):
        store.write([(b"seen/" + key, b"")]) if key.endswith(b"000") else None

    assert len(list(store.scan(b"seen/"))) == 3


def test_values_are_there_after_reopening(address: str) -> None:
    first = open_kv(address)
    first.write([(b"a", b"1")])
    first.close()
    first.close()

    again = open_kv(address, read_only=True)

    assert again.multi_get([b"a"]) == [b"1"]
    again.close()


def test_read_only_handle_sees_writes_and_refuses_its_own(address: str, store: KvStore) -> None:
    store.write([(b"a", b"1")])
    reader = open_kv(address, read_only=True)

    store.write([(b"a", b"2")])

    assert reader.multi_get([b"a"]) == [b"2"]
    with pytest.raises(ChrononError, match="CHR-K008"):
        reader.write([(b"a", b"3")])
    with pytest.raises(ChrononError, match="CHR-K008"):
        reader.delete_prefix(b"a")
    reader.close()


def test_read_only_opening_of_a_missing_store_says_to_apply(address: str) -> None:
    with pytest.raises(ChrononError, match=r"CHR-K004.*chronon apply"):
        open_kv(address, read_only=True)

    assert not Path(address.partition(":")[2]).exists()


def test_opening_in_an_impossible_place_is_an_error_of_ours(address: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")

    with pytest.raises(ChrononError, match=r"CHR-K00[19]"):
        open_kv(f"{address.partition(':')[0]}:{tmp_path / 'file' / 'kv'}")


@pytest.mark.parametrize("wrong", ["ldmb:x", "contract:x", "/x", "lmdb:"])
def test_unknown_address_lists_the_backends(wrong: str) -> None:
    with pytest.raises(ChrononError, match=r"CHR-K006.*lmdb:"):
        open_kv(wrong)


def test_forked_process_reads_what_its_parent_has_open(store: KvStore, address: str) -> None:
    store.write([(b"a", b"\x07")])

    child = os.fork()
    if child == 0:
        os._exit((open_kv(address, read_only=True).multi_get([b"a"])[0] or b"\0")[0])
    _, status = os.waitpid(child, 0)

    assert os.waitstatus_to_exitcode(status) == 7
    assert store.multi_get([b"a"]) == [b"\x07"]


WRITER = """
import sys
from chronon.stores.kv import open_kv
store = open_kv(sys.argv[1])
store.write((b"child/%d" % i, b"%d" % i) for i in range(100))
store.close()
"""


def test_writes_of_two_processes_are_both_kept(store: KvStore, address: str) -> None:
    store.write([(b"parent", b"1")])

    subprocess.run([sys.executable, "-c", WRITER, address], check=True, timeout=60)

    assert store.multi_get([b"parent", b"child/0", b"child/99"]) == [b"1", b"0", b"99"]


@given(batches=BATCHES, prefix=st.binary(max_size=2))
def test_store_equals_a_dictionary(
    tmp_path_factory: pytest.TempPathFactory, batches: list[dict[bytes, bytes]], prefix: bytes
) -> None:
    for scheme in kv_backends():
        store = open_kv(f"{scheme}:{tmp_path_factory.mktemp('kv')}")
        expected: dict[bytes, bytes] = {}
        for number, batch in enumerate(batches):
            store.write(sorted(batch.items()), ascending=True) if number % 2 else store.write(batch.items())
            expected |= batch
        assert list(store.scan(b"")) == sorted(expected.items())
        gone = [key for key in expected if key.startswith(prefix)]
        assert store.delete_prefix(prefix) == len(gone)
        assert store.multi_get(sorted(expected)) == [None if k in gone else expected[k] for k in sorted(expected)]
        store.close()


def test_mark_stays_while_nothing_is_written_and_moves_with_every_write(store: KvStore) -> None:
    marks = [store.mark()]
    store.write([(b"a", b"1")])
    marks.append(store.mark())
    store.replace(b"a", [(b"a", b"2")])
    marks.append(store.mark())
    store.delete_prefix(b"a")
    marks.append(store.mark())
    list(store.scan(b""))

    assert len(set(marks)) == len(marks)
    assert store.mark() == marks[-1]


def test_guarded_write_happens_only_while_the_guard_stands(store: KvStore) -> None:
    store.write([(b"mark", b"ann"), (b"p/1", b"old")])

    store.write([(b"a", b"1")], guard=(b"mark", b"ann"))
    store.replace(b"p/", [(b"p/2", b"new")], guard=(b"mark", b"ann"))
    for write in (
        lambda: store.write([(b"a", b"2")], guard=(b"mark", b"bob")),
        lambda: store.replace(b"p/", [], guard=(b"mark", b"bob")),
        lambda: store.delete_prefix(b"p/", guard=(b"mark", b"bob")),
        lambda: store.write([(b"a", b"2")], guard=(b"missing", b"ann")),
    ):
        with pytest.raises(GuardBrokenError):
            write()

    assert list(store.scan(b"")) == [(b"a", b"1"), (b"mark", b"ann"), (b"p/2", b"new")]
    assert store.delete_prefix(b"p/", guard=(b"mark", b"ann")) == 1
