"""Watching an apply: lines, a live terminal, or JSON lines. Each is an `Observer` of `chronon.runners.apply`."""

# ruff: noqa: ARG002  # an observer is told more than each of them shows

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, assert_never

from chronon.cli.terminal import Paint, is_live, paint_for, printable
from chronon.cli.views.plan_parts import Work, work_of_step
from chronon.cli.views.words import plural, seconds_text, size_text
from chronon.model.errors import ChrononError
from chronon.model.jobs import Output, Streamed, Upload
from chronon.model.plan import Step, StepId

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

    from chronon.runners.apply import Observer


class Tally:
    """Passes everything on, and counts the steps of which something is kept, and those that failed."""

    def __init__(self, shown: Observer) -> None:
        self._shown = shown
        self.kept = 0
        self.failures = 0

    def started(self, step: Step, index: int, total: int) -> None:
        """Passed on."""
        self._shown.started(step, index, total)

    def progress(self, step: Step, text: str) -> None:
        """Passed on."""
        self._shown.progress(step, text)

    def finished(self, step: Step, output: Output, seconds: float) -> None:
        """Counted."""
        self.kept += 1
        self._shown.finished(step, output, seconds)

    def skipped(self, step: Step) -> None:
        """Counted: an earlier apply finished it."""
        self.kept += 1
        self._shown.skipped(step)

    def failed(self, step: Step, error: ChrononError) -> None:
        """Counted."""
        self.failures += 1
        self._shown.failed(step, error)

    def retried(self, step: Step, error: ChrononError, attempt: int, pause_s: float) -> None:
        """Passed on."""
        self._shown.retried(step, error, attempt, pause_s)


class Lines:
    """One line when a step starts and one when it ends, on standard error; nothing is overwritten."""

    def __init__(self, paint: Paint) -> None:
        self._paint = paint
        self._places: dict[StepId, str] = {}
        self._last: StepId | None = None

    def started(self, step: Step, index: int, total: int) -> None:
        """`[3/12] features delays.departure …`."""
        self._places[step.id] = f"[{index}/{total}]"
        self._last = step.id
        self._print(f"{self._places[step.id]} {title(work_of_step(step))}")

    def progress(self, step: Step, text: str) -> None:
        """Left out: logs keep what began and what ended."""

    def finished(self, step: Step, output: Output, seconds: float) -> None:
        """`[3/12] done in 0.4 s: 5,000 rows`, with its name when others began after it."""
        name = "" if self._last == step.id else f" · {title(work_of_step(step))}"
        self._print(
            f"{self._places[step.id]} {self._paint.good('done')} in {seconds_text(seconds)}: {made(output)}{name}"
        )

    def skipped(self, step: Step) -> None:
        """Told: it was done before."""
        self._print(f"already done: {title(work_of_step(step))}")

    def failed(self, step: Step, error: ChrononError) -> None:
        """The step; the error itself is told by the command."""
        self._print(f"{self._places[step.id]} {self._paint.bad('failed')}: {title(work_of_step(step))}")

    def retried(self, step: Step, error: ChrononError, attempt: int, pause_s: float) -> None:
        """`[3/12] tried again in 1.2 s, attempt 2: …`."""
        again = f"{self._paint.warn('tried again')} in {seconds_text(pause_s)}, attempt {attempt}"
        self._print(f"{self._places[step.id]} {again}: {error}")

    def _print(self, text: str) -> None:
        print(printable(text) if not self._paint.enabled else text, file=sys.stderr, flush=True)


class Live:
    """On a terminal a line for the whole and one for every running step; finished steps scroll up as lines."""

    def __init__(self, lines: Progress) -> None:
        self._lines = lines
        self._whole = lines.add_task("", total=None, said="")
        self._over = self._total = 0
        self._running: dict[StepId, TaskID] = {}
        self._attempts: dict[StepId, int] = {}

    def started(self, step: Step, index: int, total: int) -> None:
        """A line of its own: object, days, attempt, seconds."""
        self._total = total
        attempt = self._attempts.get(step.id, 1)
        again = f" · attempt {attempt}" if attempt > 1 else ""
        self._running[step.id] = self._lines.add_task(
            _plain(f"{title(work_of_step(step))}{again}"), total=None, said=""
        )
        self._count()

    def progress(self, step: Step, text: str) -> None:
        """How far the running step is."""
        if step.id in self._running:
            self._lines.update(self._running[step.id], said=_plain(text))

    def finished(self, step: Step, output: Output, seconds: float) -> None:
        """A line above the others."""
        self._over += 1
        self._gone(step)
        what = _plain(title(work_of_step(step)))
        self._print(f"[green]✓[/] {what} · {_plain(made(output))} · {seconds_text(seconds)}")

    def skipped(self, step: Step) -> None:
        """A line above the others."""
        self._over += 1
        self._print(f"[green]✓[/] {_plain(title(work_of_step(step)))} · done before")

    def failed(self, step: Step, error: ChrononError) -> None:
        """A line above the others; the error itself is told by the command."""
        self._over += 1
        self._gone(step)
        self._print(f"[red]✗[/] {_plain(title(work_of_step(step)))}")

    def retried(self, step: Step, error: ChrononError, attempt: int, pause_s: float) -> None:
        """A line above the others: why, and when it goes on."""
        self._attempts[step.id] = attempt
        self._gone(step)
        what = _plain(title(work_of_step(step)))
        self._print(f"[yellow]↻[/] {what} · again in {seconds_text(pause_s)} · {_plain(str(error))}")

    def _gone(self, step: Step) -> None:
        if (running := self._running.pop(step.id, None)) is not None:
            self._lines.remove_task(running)
        self._count()

    def _count(self) -> None:
        said = f"{self._over} of {self._total} steps" if self._total else ""
        self._lines.update(self._whole, description=said)

    def _print(self, text: str) -> None:
        self._lines.console.print(text, highlight=False)


class Events:
    """One JSON object a line on standard output."""

    def started(self, step: Step, index: int, total: int) -> None:
        """`{"event": "started", …}`."""
        emit("started", step=step.id, index=index, total=total, **_step(step))

    def progress(self, step: Step, text: str) -> None:
        """`{"event": "progress", …}`."""
        emit("progress", step=step.id, text=text)

    def finished(self, step: Step, output: Output, seconds: float) -> None:
        """`{"event": "finished", …}`."""
        emit("finished", step=step.id, seconds=round(seconds, 3), made=made(output))

    def skipped(self, step: Step) -> None:
        """`{"event": "skipped", …}`."""
        emit("skipped", step=step.id, **_step(step))

    def failed(self, step: Step, error: ChrononError) -> None:
        """`{"event": "failed", …}`."""
        emit("failed", step=step.id, code=error.code, message=error.message, hint=error.hint)

    def retried(self, step: Step, error: ChrononError, attempt: int, pause_s: float) -> None:
        """`{"event": "retried", …}`."""
        seconds = round(pause_s, 3)
        emit("retried", step=step.id, attempt=attempt, seconds=seconds, code=error.code, message=error.message)


@contextmanager
def watching(*, as_json: bool) -> Iterator[Observer]:
    """The observer that suits the streams of this process."""
    if as_json:
        yield Events()
    elif not is_live(sys.stderr):
        yield Lines(paint_for(sys.stderr))
    else:
        with _lines() as lines:
            yield Live(lines)


def emit(event: str, **fields: Any) -> None:
    """One event as a line of JSON on standard output."""
    print(json.dumps({"event": event, **fields}, ensure_ascii=False), flush=True)


def title(work: Work) -> str:
    """A step in one line: `features delays.departure (20 columns, 2013-02-01 .. 2013-02-26)`."""
    columns = "" if work.kind in {"left rows", "stream"} else f"{plural(len(work.columns), 'column')}, "
    return f"{work.kind} {work.object} ({columns}{work.range})"


def made(output: Output) -> str:
    """What a step left behind."""
    match output:
        case tuple():
            rows, size = sum(f.rows for f in output), sum(f.bytes for f in output)
            return f"{plural(rows, 'row')} in {plural(len(output), 'file')}, {size_text(size)}"
        case Upload():
            keys = "1 key" if output.keys == 1 else f"{output.keys:,} keys"
            return f"{keys}, {size_text(output.bytes)}"
        case Streamed():
            late = f", {output.late:,} late" if output.late else ""
            return f"{plural(output.events, 'event')} in {plural(output.tiles, 'tile')}{late}"
        case _:
            assert_never(output)


def _step(step: Step) -> dict[str, Any]:
    work = work_of_step(step)
    return {"kind": work.kind, "object": work.object, "columns": len(work.columns), "days": work.range}


def _lines() -> Progress:
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
    from rich.table import Column

    elapsed = TimeElapsedColumn(table_column=Column(min_width=7, no_wrap=True))  # the last to be cut off
    texts = (TextColumn("{task.description}"), TextColumn("[dim]{task.fields[said]}[/]"))
    return Progress(SpinnerColumn(), elapsed, *texts, console=Console(stderr=True), transient=True)


def _plain(text: str) -> str:
    from rich.markup import escape

    return escape(printable(text))
