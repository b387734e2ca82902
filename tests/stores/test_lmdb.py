"""What only LMDB can get wrong: the size of its map, damaged files, full disks, one environment per process."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from chronon.model.errors import ChrononError
from chronon.stores.kv.lmdb import open_store

SMALL = 1 << 16

GROW = """
import sys
from pathlib import Path
from chronon.stores.kv.lmdb import open_store
store = open_store(Path(sys.argv[1]))
store.write((b"big/%05d" % i, b"x" * 1000) for i in range(3000))
store.close()
"""


def test_large_batch_grows_the_map(tmp_path: Path) -> None:
    store = open_store(tmp_path, map_bytes=SMALL)

    assert store.write((b"%06d" % i, b"x" * 500) for i in range(4000)) == 4000

    assert sum(1 for _ in store.scan(b"")) == 4000
    assert store.delete_prefix(b"00") == 4000
    store.close()


def test_map_that_fills_up_in_the_middle_of_a_batch_grows(tmp_path: Path) -> None:
    store = open_store(tmp_path, map_bytes=SMALL)
    store.write((b"%06d" % i, b"x" * 500) for i in range(4000))
    scattered = [(b"%06d" % i, b"y") for i in range(0, 4000, 3)]  # few bytes, and nearly every page is copied

    store.write(scattered)

    assert store.multi_get([key for key, _ in scattered]) == [b"y"] * len(scattered)
    assert (tmp_path / "data.mdb").stat().st_size > 5 << 20
    store.close()


def test_reader_takes_over_the_size_that_another_process_gave_the_map(tmp_path: Path) -> None:
    store = open_store(tmp_path, map_bytes=SMALL)
    store.write([(b"a", b"1")])

    subprocess.run([sys.executable, "-c", GROW, str(tmp_path)], check=True, timeout=60)

    assert store.multi_get([b"a", b"big/02999"]) == [b"1", b"x" * 1000]
    store.write([(b"b", b"2")])
    assert store.multi_get([b"b"]) == [b"2"]
    store.close()


def test_readers_in_threads_see_whole_batches_while_the_map_grows(tmp_path: Path) -> None:
    store = open_store(tmp_path, map_bytes=SMALL)
    keys = [b"%03d" % i for i in range(5)]
    store.write([(key, b"0") for key in keys])
    torn: list[list[bytes | None]] = []
    over = threading.Event()

    def read() -> None:
        while not over.is_set():
            values = store.multi_get(keys)
            if len(set(values)) != 1:
                torn.append(values)

    readers = [threading.Thread(target=read) for _ in range(2)]
    for reader in readers:
        reader.start()
    for power in range(8, 19):
        store.write([(key, b"x" * (1 << power)) for key in keys])
    over.set()
    for reader in readers:
        reader.join()

    assert torn == []
    store.close()


def test_file_of_something_else_is_called_damaged(tmp_path: Path) -> None:
    (tmp_path / "data.mdb").write_bytes(b"not a database" * 1000)

    with pytest.raises(ChrononError, match=r"CHR-K002.*apply again"):
        open_store(tmp_path)


def test_truncated_file_is_found_before_it_is_read(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    store.write((b"%06d" % i, b"x" * 100) for i in range(2000))
    store.close()
    os.truncate(tmp_path / "data.mdb", 16_384)

    with pytest.raises(ChrononError, match=r"CHR-K002.*16384 bytes"):
        open_store(tmp_path)


def test_full_disk_leaves_the_store_as_it_was(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    store.write([(b"a", b"1")])

    with file_size_limit(1 << 20), pytest.raises(ChrononError, match=r"CHR-K00[39]"):
        store.write((b"%06d" % i, b"x" * 1000) for i in range(4000))

    assert list(store.scan(b"")) == [(b"a", b"1")]
    store.write([(b"b", b"2")])
    assert store.multi_get([b"b"]) == [b"2"]
    store.close()


def test_folder_without_permission_is_told(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)

    assert code_as_nobody(tmp_path / "kv") == "CHR-K001"


def code_as_nobody(path: Path) -> str:
    """The code of the error that opening raises for a user who is not root."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            if os.geteuid() == 0:
                os.setuid(65_534)
            open_store(path)
        except ChrononError as error:
            os.write(writer, error.code.encode())
        finally:
            os._exit(0)
    os.close(writer)
    os.waitpid(child, 0)
    with os.fdopen(reader) as answer:
        return answer.read()


def test_last_handle_closes_the_folder(tmp_path: Path) -> None:
    first, second = open_store(tmp_path), open_store(tmp_path)

    first.close()
    second.write([(b"a", b"1")])
    second.close()
    third = open_store(tmp_path, read_only=True)

    assert third.multi_get([b"a"]) == [b"1"]
    third.close()


KILLED = """
import os, sys
from pathlib import Path
from chronon.stores.kv.lmdb import open_store
store = open_store(Path(sys.argv[1]))
store.write([(b"a", b"1")])
def entries():
    yield b"a", b"2"
    yield b"b", b"2"
    os.kill(os.getpid(), 9)
store.write(entries())
"""


def test_killed_writer_leaves_the_last_whole_batch(tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-c", KILLED, str(tmp_path)], check=False, timeout=60)

    store = open_store(tmp_path)

    assert list(store.scan(b"")) == [(b"a", b"1")]
    store.close()


@contextmanager
def file_size_limit(limit: int) -> Iterator[None]:
    """No file of this process may grow beyond the limit: what a full disk feels like."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
