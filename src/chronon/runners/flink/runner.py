"""Runs a stream job: lines of a topic → Flink in a process of its own → staged tiles → pages.

Nothing here loads Flink; what has not been written into a page has no effect.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from chronon.model.errors import ChrononError
from chronon.model.jobs import Streamed, StreamJob
from chronon.model.time import day_start
from chronon.runners.child import child_environment, last_words, tail_of_log
from chronon.runners.flink.duck import read_json
from chronon.runners.flink.script import Reader, Script, aliases_of, columns_of, conditions, readers_of, script_of
from chronon.runners.flink.tiles import events_in, write_tiles
from chronon.runners.flink.topic import DEAD_LETTERS, event_files, take_in
from chronon.runners.jdk import find_java
from chronon.stores.kv import KvStore
from chronon.stores.topics import topic_folder

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

    def run_stream(self, job: StreamJob, *, streams: Path, kv: KvStore, staging: Path, progress: Progress) -> Streamed:
        """Fold the events of the topic from `since` on into pages of every reader.

        streams: folder of the topics.  staging: a folder for this attempt, which gets `dead_letters.jsonl` with the lines
        that do not fit, and `stream/` with everything of Flink's.
        Law: the pages hold exactly the tiles that `fold_tiles` makes of the same events; doing it again changes nothing.
        Errors: CHR-R003/R004 without a JDK 17, CHR-R020/R021 for a topic that cannot be read, CHR-R024 when Flink fails,
        CHR-R025 when tiles do not hold every event that they should.
        """
        readers = readers_of(job)
        folder = staging / "stream"
        shutil.rmtree(folder, ignore_errors=True)
        columns = columns_of(readers)
        taken = take_in(topic_folder(job.topic, streams), columns, folder, staging / DEAD_LETTERS, aliases_of(readers))
        progress(f"{taken.events:,} events in {job.topic}")
        if taken.dead:
            progress(f"{taken.dead:,} lines do not fit, the first is {taken.first}")
        wanted = [events_of(reader, job, folder) for reader in readers]
        if any(wanted):
            script = script_of(job, readers, folder / "events", folder / "tiles")
            run_flink(script, folder, progress, self._children.append)
        return Streamed(
            topic=job.topic,
            since=job.since,
            datasets=tuple(reader.streamed.dataset for reader in readers),
            events=taken.events,
            tiles=put_in(readers, wanted, folder, kv, progress),
            late=0,
            position=taken.position,
        )


def put_in(readers: Sequence[Reader], wanted: Sequence[int], folder: Path, kv: KvStore, progress: Progress) -> int:
    """Write the staged tiles of every reader, once they are known to be complete; how many there were.

    wanted: how many events each reader's tiles must hold.
    Errors: CHR-R025 when they do not; then nothing is written.
    """
    staged = [folder / "tiles" / str(number) for number in range(len(readers))]
    for tiles, reader, count in zip(staged, readers, wanted, strict=True):
        if (found := events_in(tiles)) != count:
            message = f"tiles of {reader.group_by.id} hold {found:,} events of {count:,}"
            raise ChrononError("CHR-R025", message, f"this is a bug: keep {folder} and report it")
    written = 0
    for tiles, reader in zip(staged, readers, strict=True):
        put = write_tiles(reader, tiles, kv)
        progress(f"{reader.group_by.id}: {put.events:,} events in {put.tiles:,} tiles")
        written += put.tiles
    return written


def events_of(reader: Reader, job: StreamJob, folder: Path) -> int:
    """How many events a reader's tiles must hold, counted by another engine than the one that made them."""
    columns = columns_of([reader])
    files = list(event_files(folder))
    keys = [key.name for key in reader.group_by.keys]
    total = 0
    for rows in reader.rows if files else ():
        where = " AND ".join(conditions(rows, keys, columns, day_start(job.since), "duckdb"))
        ((found,),) = read_json(files, columns, f"SELECT count(*) FROM lines WHERE {where}").fetchall()
        total += found
    return total


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
