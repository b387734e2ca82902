"""The verdict on a case: equal, explained, refused, not offered, or different; and how it reads."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from agreement.answers import Answers
from agreement.bare import answer_rows, answer_sawtooth
from agreement.cases import Case, Definition, NotOfferedError
from agreement.comparison import Cell, compare
from agreement.evidence import Evidence
from agreement.explanations import (
    BY_ID,
    Explanation,
    Failure,
    Kind,
    Refusal,
    explain_cell,
    explain_failure,
    explain_refusal,
)
from agreement.offline import answer_backfill, answer_join, answer_labels, answer_table
from agreement.online import answer_fetch, answer_upload
from agreement.world import Place, RefusedError
from chronon.runners.engine import Engine
from chronon.runners.local.engine import LocalEngine

SHOWN = 3
"""How many differences of a case are printed."""

Answering = Callable[[Case, Definition, Place], Answers]


ANSWERING: Mapping[str, Answering] = {
    "join_backfill": answer_join,
    "group_by_backfill": answer_backfill,
    "table": answer_table,
    "label_join": answer_labels,
    "upload": answer_upload,
    "fetch": answer_fetch,
    "row_aggregate": answer_rows,
    "sawtooth_online": answer_sawtooth,
}


@dataclass(slots=True)
class Verdict:
    """What came of a case. equal: values; explained: explanation → how many values, rows or findings it accounts for."""

    case: Case
    equal: int = 0
    explained: Counter[str] = field(default_factory=Counter)
    different: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """One line, without what differs."""
        parts = [f"equal: {self.equal:,} values"] if self.equal else []
        for kind in Kind:
            known = [(one.id, self.explained[one.id]) for one in BY_ID.values() if one.kind is kind]
            if listed := ", ".join(f"{name} × {count}" for name, count in known if count):
                parts.append(f"{kind}: {listed}")
        if self.different:
            parts.append(f"DIFFERENT: {len(self.different)}")
        return f"{self.case.name}: {'; '.join(parts) or 'nothing to compare'}"


def judge(case: Case, root: Path, engine: Engine | None = None) -> Verdict:
    """Run every step of a case and compare. root: a folder that is emptied; engine: the local one by default."""
    verdict = Verdict(case=case)
    evidence = Evidence(case=case, root=root / "parent")
    for step in case.steps:
        _judge_step(verdict, step, evidence, Place(root=root / "world", engine=engine or LocalEngine()))
    return verdict


def _judge_step(verdict: Verdict, step: Definition, evidence: Evidence, place: Place) -> None:
    case = verdict.case
    expected = case.expected(step["name"])
    error = expected[0].get("__error__", "") if expected else ""
    try:
        answers = ANSWERING[step["kind"]](case, step, place)
    except RefusedError as refused:
        for code, message in refused.findings:
            _note_refusal(verdict, step, Refusal(code=code, message=message, definitions=_definitions(case)))
        return
    except NotOfferedError as lacking:
        _note(verdict, BY_ID.get(lacking.what), f"{step['name']}: no place for {lacking.what}")
        return
    if step["kind"] == "group_by_backfill":
        _note(verdict, BY_ID["group_by by itself"], "")
    if error:
        failure = Failure(error=error, case=case, definitions=_definitions(case))
        has_values = any(value is not None for pair in answers.pairs for value in (pair.ours or {}).values())
        _note(verdict, explain_failure(failure) if has_values else None, f"{step['name']}: Chronon failed with {error}")
        return
    _compare(verdict, answers, evidence)


def _compare(verdict: Verdict, answers: Answers, evidence: Evidence) -> None:
    singles = {name for name, column in answers.columns.items() if column.asked and _is_single(answers, name)}
    compared = compare(answers, frozenset(singles))
    verdict.equal += compared.equal
    for column, why in compared.omitted.items():
        if why in BY_ID:
            _note(verdict, BY_ID[why], "")
        else:
            code, _, message = why.partition(" ")
            refusal = Refusal(code=code, message=message, definitions=_definitions(answers.case))
            _note(verdict, explain_refusal(refusal), f"{answers.step['name']}: {column}: {why}")
    for cell in compared.different:
        _note(verdict, explain_cell(cell, evidence), _told(cell))


def _is_single(answers: Answers, column: str) -> bool:
    """Whether Chronon computes a column in single precision."""
    asked = answers.columns[column].asked
    if asked is None:
        return False
    floats = any(f"{asked.input} float" in table.schema for table in answers.case.tables.values())
    return floats or asked.operation == "APPROX_PERCENTILE"


def _definitions(case: Case) -> list[Definition]:
    return list(case.neutral.values())


def _note_refusal(verdict: Verdict, step: Definition, refusal: Refusal) -> None:
    _note(verdict, explain_refusal(refusal), f"{step['name']}: {refusal.code} {refusal.message}")


def _note(verdict: Verdict, explanation: Explanation | None, told: str) -> None:
    if explanation is None:
        verdict.different.append(told)
    else:
        verdict.explained[explanation.id] += 1


def _told(cell: Cell) -> str:
    step = cell.answers.step["name"]
    return f"{step}: {dict(cell.pair.row)} {cell.column}: ours {cell.ours!r:.200}, Chronon's {cell.theirs!r:.200}"
