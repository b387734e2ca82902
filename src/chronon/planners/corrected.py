"""Corrections as findings of a plan: which days, whom they touch, what follows."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from chronon.model.corrections import Correction
from chronon.model.dayset import DaySet
from chronon.model.jobs import Digest
from chronon.model.plan import Drift, Reader
from chronon.model.specs import Repository
from chronon.model.state import State
from chronon.model.time import Day, day_text
from chronon.planners.corrections import Meaning, reached
from chronon.planners.days import LAST_DAY
from chronon.planners.demand import Stored
from chronon.planners.snapshots import header_of

SAID = "CHR-P170"
SEEN = "CHR-P171"
REWRITTEN = "CHR-P172"


def findings_of(
    corrections: Sequence[Correction], meaning: Meaning, repository: Repository, state: State
) -> tuple[Drift, ...]:
    """What each correction leads to in what is declared. Of those that lead nowhere only the ones that somebody asked for."""
    found = [_finding(each, meaning, repository, state) for each in corrections]
    return tuple(each for each in found if each.code == SAID or each.readers)


def rewritten_of(rewritten: Mapping[str, DaySet]) -> tuple[Drift, ...]:
    """Days that were written again to files that look the same."""
    return tuple(
        Drift(
            code=REWRITTEN,
            subject=f"table {table}",
            found=f"was written again for {days}, with the same counts, sizes and bounds in every footer",
            follows=f"nothing is computed again; if values did change, say so: --corrected {table}={written(days)}",
        )
        for table, days in sorted(rewritten.items())
    )


def written(days: DaySet) -> str:
    """Days as they are typed: `2024-02-01..2024-02-03,2024-02-07`."""
    return ",".join(
        day_text(start) if end - start == 1 else f"{day_text(start)}..{day_text(Day(end - 1))}"
        for start, end in days.ranges
    )


def _finding(correction: Correction, meaning: Meaning, repository: Repository, state: State) -> Drift:
    found = reached(meaning, [correction], state)
    columns = {stored: days & state.computed.get(stored, DaySet()) for stored, days in found.columns.items()}
    columns = {stored: days for stored, days in columns.items() if days}
    days = DaySet() if correction.days.last >= LAST_DAY else correction.days
    told = f"{days or 'every day'} {'is' if len(days) == 1 else 'are'} " if days else "was "
    told += "made of other files than those that were read" if correction.found else "said to be corrected"
    return Drift(
        code=SEEN if correction.found else SAID,
        subject=f"table {correction.table}",
        found=told,
        follows=_follows(columns.values(), len(found.uploads)),
        readers=_readers(columns, found.uploads, meaning, repository),
    )


def _follows(columns: Collection[DaySet], uploads: int) -> str:
    made = []
    if columns:
        days = sum(map(len, columns))
        made.append(f"{_counted(days, 'column-day')} of {_counted(len(columns), 'column')}")
    if uploads:
        made.append(_counted(uploads, "upload"))
    if not made:
        return "nothing that is declared here and was computed counts a row of these days: nothing is done"
    return f"made again: {' and '.join(made)}; until then their readers find them as they were"


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def _readers(
    columns: Collection[Stored], uploads: Collection[Digest], meaning: Meaning, repository: Repository
) -> tuple[Reader, ...]:
    _, digests = meaning
    named = {
        identity: tuple(name for name, column in found.outputs.items() if (found.left, column) in columns)
        for identity, found in digests.joins.items()
    }
    served = [identity for identity, found in digests.group_bys.items() if found.serving in uploads]
    whom = [*((identity, names) for identity, names in sorted(named.items()) if names), *((one, ()) for one in served)]
    return tuple(
        Reader(id=identity, columns=names, span=header_of(identity, repository).span()) for identity, names in whom
    )
