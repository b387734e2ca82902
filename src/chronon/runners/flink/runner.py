"""Runs a stream job: lines of a topic → Flink in a process of its own → staged tiles → pages and savepoint.

Nothing here loads Flink; what has not been written into a page has no effect.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from chronon.model.definitions import Rows
from chronon.model.errors import ChrononError
from chronon.model.jobs import Digest, Start, Streamed, StreamJob
from chronon.model.savepoints import FilePlace, Savepoint
from chronon.model.time import DAY, Day, day_start
from chronon.model.types import DataType
from chronon.runners.child import child_environment, last_words, tail_of_log
from chronon.runners.flink.duck import read_json
from chronon.runners.flink.script import (
    Reader,
    Script,
    aliases_of,
    columns_of,
    conditions,
    counted_at,
    readers_of,
    script_of,
)
from chronon.runners.flink.tiles import events_in, write_tiles
from chronon.runners.flink.topic import DEAD_LETTERS, Intake, event_files, letters_before, take_in
from chronon.runners.jdk import find_java
from chronon.stores.kv import KvStore
from chronon.stores.kv.savepoints import savepoints_in
from chronon.stores.topics import broken_by, topic_folder

Progress = Callable[[str], None]

LOG = "flink.log"


class FlinkRunner:
    """Runs stream jobs on a Flink that lives as long as the job, in a child process, on loopback only."""

    def __init__(self) -> None:
        self._children: list[subprocess.Popen[bytes]] = []

    def close(self) -> None:
        """End the jobs that still run."""
        for child in self._children:
            child.kill()

    def run_stream(
        self,
        job: StreamJob,
        *,
        streams: Path,
        kv: KvStore,
        staging: Path,
        progress: Progress,
        letters: Path | None = None,
    ) -> Streamed:
        """Fold the events of the topic into pages of every reader: all from `since` on, those behind its savepoint, or none yet.

        streams: folder of the topics.  staging: a folder for this attempt, which gets `dead_letters.jsonl` with the lines
        that do not fit, and `stream/` with everything of Flink's.  letters: the dead letters that earlier runs left.
        Laws: the pages hold exactly the tiles that `fold_tiles` makes of the same events, in however many runs they were
        folded, and whenever one of them was killed.
        Errors: CHR-R003/R004 without a JDK 17, CHR-R020/R021 for a topic that cannot be read, CHR-R024 when Flink fails,
        CHR-R025 when tiles do not hold every event that they should, CHR-R026 when the topic does not go on from a savepoint.
        """
        shutil.rmtree(staging / "stream", ignore_errors=True)
        (staging / "stream").mkdir(parents=True)
        source, savepoints = topic_folder(job.topic, streams), _savepoints(job, streams, kv)
        readers = readers_of(job, savepoints)
        letters_before(letters, savepoints.values(), staging / DEAD_LETTERS)
        taken, tiles, since = [], 0, job.since
        for number, together in enumerate(_side_by_side(readers)):
            folder = staging / "stream" / str(number)
            taken.append(self._take_in(job.topic, source, together, folder, progress))
            if job.start is Start.NOW:
                since = warm_since(together, job.since, folder)
                staged = [_empty(replace(reader, since=since), folder, taken[-1].files) for reader in together]
            else:
                staged = self._fold(together, folder, taken[-1].files, progress)
            tiles += put_in(staged, kv, progress)
        return Streamed(
            topic=job.topic,
            since=since,
            datasets=tuple(reader.dataset for reader in job.readers),
            events=sum(each.events for each in taken),
            tiles=tiles,
            late=0,
            position=min(each.position for each in taken),
            read=sum(each.read for each in taken),
        )

    def _take_in(self, topic: str, source: Path, readers: Sequence[Reader], folder: Path, progress: Progress) -> Intake:
        behind, letters = readers[0].behind, folder.parent.parent / DEAD_LETTERS
        taken = take_in(source, columns_of(readers), folder, letters, aliases_of(readers), behind)
        where = f" behind the {behind.lines:,} lines that are folded" if behind else ""
        progress(f"{taken.events:,} events in {topic}{where}")
        if taken.dead:
            progress(f"{taken.dead:,} lines do not fit, the first is {taken.first}")
        return taken

    def _fold(
        self, readers: Sequence[Reader], folder: Path, files: tuple[FilePlace, ...], progress: Progress
    ) -> list[Staged]:
        """The tiles of the lines in a folder. files: up to where the topic is folded then."""
        wanted = [events_of(reader, folder) for reader in readers]
        if any(wanted):
            script = script_of(readers, folder / "events", folder / "tiles")
            run_flink(script, folder, progress, self._children.append)
        return [
            Staged(
                reader=reader, tiles=folder / "tiles" / str(number), events=events, savepoint=reader.savepoint(files)
            )
            for number, (reader, events) in enumerate(zip(readers, wanted, strict=True))
        ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Staged:
    """What Flink left behind for a reader. events: how many its tiles must hold.  savepoint: what they hold once written."""

    reader: Reader
    tiles: Path
    events: int
    savepoint: Savepoint


def warm_since(readers: Sequence[Reader], first: Day, folder: Path) -> Day:
    """The first day of which no event of some lines counts for any of the readers; not before `first`."""
    latest = (_asked(reader, folder, lambda rows, columns: f"max({counted_at(rows, columns)})") for reader in readers)
    return Day(max([first, *(found // DAY + 1 for each in latest for found in each if found is not None)]))


def _empty(reader: Reader, folder: Path, files: tuple[FilePlace, ...]) -> Staged:
    return Staged(reader=reader, tiles=folder / "tiles", events=0, savepoint=reader.savepoint(files))


def _savepoints(job: StreamJob, streams: Path, kv: KvStore) -> Mapping[Digest, Savepoint]:
    """The savepoints that a job goes on from; none where it folds from nothing. Errors: CHR-R026."""
    if not job.goes_on:
        return {}
    found = savepoints_in(kv, [reader.dataset for reader in job.readers])
    for reader in job.readers:
        savepoint = found.get(reader.dataset)
        why = broken_by(savepoint, streams) if savepoint else "nothing tells what its tiles hold"
        if why:
            message = f"{reader.group_by.id} cannot go on in {job.topic}: {why}"
            raise ChrononError("CHR-R026", message, "run `chronon plan` again: it folds the topic from its beginning")
    return found


def _side_by_side(readers: Sequence[Reader]) -> list[list[Reader]]:
    """Readers of the same lines together. They are all one, unless an earlier run ended between two of them."""
    found: dict[tuple[FilePlace, ...] | None, list[Reader]] = {}
    for reader in readers:
        found.setdefault(reader.behind.files if reader.behind else None, []).append(reader)
    return list(found.values())


def put_in(staged: Sequence[Staged], kv: KvStore, progress: Progress) -> int:
    """Write the staged tiles of every reader, once they are known to be complete; how many there were.

    Errors: CHR-R025 when they do not hold the events that they should; then nothing is written.
    """
    for each in staged:
        if (found := events_in(each.tiles)) != each.events:
            message = f"tiles of {each.reader.group_by.id} hold {found:,} events of {each.events:,}"
            hint = f"this is a bug: keep {each.tiles.parent.parent} and report it"
            raise ChrononError("CHR-R025", message, hint)
    written = 0
    for each in staged:
        put = write_tiles(each.reader, each.tiles, each.savepoint, kv)
        progress(f"{each.reader.group_by.id}: {put.events:,} events in {put.tiles:,} tiles")
        written += put.tiles
    return written


def events_of(reader: Reader, folder: Path) -> int:
    """How many events a reader's tiles must hold, counted by another engine than the one that made them."""
    return sum(_asked(reader, folder, lambda _rows, _columns: "count(*)"))


def _asked(reader: Reader, folder: Path, what: Callable[[Rows, dict[str, DataType]], str]) -> Iterator[Any]:
    """One value of the events that count for a reader, for each of its sources; none where there are no lines."""
    columns = columns_of([reader])
    files = list(event_files(folder))
    keys = [key.name for key in reader.group_by.keys]
    for rows in reader.rows if files else ():
        where = " AND ".join(conditions(rows, keys, columns, day_start(reader.since), "duckdb"))
        query = f"SELECT {what(rows, columns)} FROM lines WHERE {where}"
        ((found,),) = read_json(files, columns, query).fetchall()
        yield found


def run_flink(
    script: Script,
    folder: Path,
    progress: Progress,
    started: Callable[[subprocess.Popen[bytes]], None] = lambda _child: None,
) -> None:
    """Execute a script in a child process that ends with it, or with this process.

    started: is told the child.
    Errors: CHR-R003/R004 without a JDK 17, CHR-R024 when Flink fails, with the cause from its log.
    """
    java = find_java()
    spec = {
        "configuration": _configuration(folder),
        "definitions": script.definitions,
        "inserts": script.inserts,
    }
    (folder / "script.json").write_text(json.dumps(spec, indent=1))
    (folder / "scratch").mkdir(exist_ok=True)
    progress("starting Flink")
    log = folder / LOG
    with log.open("ab") as output:
        child = subprocess.Popen(
            [sys.executable, "-m", "chronon.runners.flink.main", str(folder / "script.json")],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env=_environment(java, folder),
        )
        started(child)
        try:
            code = child.wait()
        finally:
            child.kill()
    if code:
        raise _failure(log, code)


def _configuration(folder: Path) -> dict[str, str]:
    scratch = str(folder / "scratch")
    return {
        "io.tmp.dirs": scratch,
        "jobmanager.bind-host": "127.0.0.1",
        "parallelism.default": "2",
        "pipeline.name": "chronon",
        "rest.address": "127.0.0.1",
        "rest.bind-address": "127.0.0.1",
        "rest.bind-port": "0",
        "restart-strategy.type": "none",
        "table.local-time-zone": "UTC",
        "taskmanager.bind-host": "127.0.0.1",
        "taskmanager.host": "127.0.0.1",
        "taskmanager.memory.managed.size": "64m",
        "taskmanager.memory.network.max": "64m",
        "taskmanager.memory.network.min": "64m",
        "taskmanager.numberOfTaskSlots": "2",
        "web.cancel.enable": "false",
        "web.submit.enable": "false",
        "web.tmpdir": scratch,
    }


def _environment(java: str, folder: Path) -> dict[str, str]:
    heap = os.environ.get("CHRONON_FLINK_MEMORY", "2g")
    return child_environment(
        FLINK_LOG_DIR=str(folder),
        JAVA_HOME=str(Path(java).resolve().parent.parent),
        JVM_ARGS=f"-Xmx{heap} -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Djava.io.tmpdir={folder / 'scratch'}",
    )


def _failure(log: Path, code: int) -> ChrononError:
    """What stopped Flink, by the innermost cause that the log names, and the end of the log."""
    causes = re.findall(r"^(?:\s*Caused by)?: (\S.*)$", log.read_text(errors="replace"), re.MULTILINE)
    cause = causes[-1][:500] if causes else last_words(log) or f"its process ended with code {code}"
    more = "every open tile is held in memory: set CHRONON_FLINK_MEMORY=8g; " if "OutOfMemory" in cause else ""
    return ChrononError("CHR-R024", f"Flink failed: {cause}", f"{more}the end of its log:\n{tail_of_log(log)}")
