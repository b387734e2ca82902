"""Mistakes in documents of which other parts do not fit their schema: all are told in one run, and none that another one causes.

Only checks that look at one value and at names are made (`Check.alone`), as if no column of anything were known: whatever
stands in the parts that cannot be read, what is found here stays wrong.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from chronon.loaders.repository import remains, repository_of
from chronon.model.diagnostics import Diagnostic
from chronon.model.specs import GroupBySpec, JoinSpec, PartSpec, QuerySpec, SourceSpec
from chronon.validators.columns import HIDDEN, Columns
from chronon.validators.context import Context, JoinColumns
from chronon.validators.registry import all_checks
from chronon.validators.whole import Whole


class _Blind(Context):
    """A context in which no column is known, and nothing of an object but its name."""

    def source(self, _query: QuerySpec, _team: str) -> SourceSpec | None:
        return None

    def group_by(self, _part: PartSpec, _team: str) -> GroupBySpec | None:
        return None

    def contract(self, _source: SourceSpec) -> Columns:
        return HIDDEN

    def images(self, _source: SourceSpec) -> Columns:
        return HIDDEN

    def readable(self, _query: QuerySpec, _team: str) -> Columns:
        return HIDDEN

    def join(self, _spec: JoinSpec) -> JoinColumns:
        return JoinColumns(left=HIDDEN, parts=(), base=HIDDEN, outputs=HIDDEN)

    def features(self, _spec: GroupBySpec) -> Columns:
        return HIDDEN


def found_in_remains(root: Path, found: Iterable[Diagnostic], whole: Whole) -> Iterator[Diagnostic]:
    """What else is wrong in documents of which parts do not fit, among the names of the whole.

    root: without links.  found: what is wrong with its files by themselves.
    """
    for spec in remains(root, found):
        context = _Blind(repository_of([spec], ""), Whole(references=whole.references))
        for check in all_checks():
            if check.alone:
                yield from check.run(context)
