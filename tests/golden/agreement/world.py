"""A repository with one case's definitions and tables, validated, planned and applied as a user would."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import pyarrow as pa
from ruamel.yaml import YAML

from agreement.cases import Case
from agreement.tables import write_tables
from agreement.translation import Documents
from chronon.cli.drafting import draft
from chronon.loaders.config import load_config
from chronon.model.definitions import Catalog
from chronon.model.diagnostics import Severity
from chronon.model.errors import ChrononError
from chronon.model.jobs import Fragment, Output, StreamJob, TableJob, UploadJob
from chronon.model.names import ObjectId
from chronon.model.plan import Plan, Step
from chronon.model.specs import Repository
from chronon.model.time import DAY, Day, Millis, parse_day
from chronon.runners.apply import apply_plan
from chronon.runners.deployment import Deployment, open_deployment
from chronon.runners.engine import Engine, JobInputs, Progress
from chronon.runners.local.engine import LocalEngine
from chronon.runners.training import training_rows
from chronon.serving import Fetcher
from chronon.validators import validate

ENVIRONMENT = "prod"


class RefusedError(Exception):
    """Definitions that validate refuses, or data that apply refuses. findings: (code, message)."""

    def __init__(self, findings: Sequence[tuple[str, str]]) -> None:
        super().__init__(", ".join(code for code, _message in findings))
        self.findings = tuple(findings)


class Silent:
    """An observer who says nothing."""

    def started(self, step: Step, index: int, total: int) -> None: ...

    def progress(self, step: Step, text: str) -> None: ...

    def finished(self, step: Step, output: Output, seconds: float) -> None: ...

    def skipped(self, step: Step) -> None: ...

    def failed(self, step: Step, error: ChrononError) -> None: ...


@dataclass(frozen=True, slots=True)
class Kept:
    """An engine that outlives the applies that use it: whoever started it closes it."""

    engine: Engine

    def start(self, progress: Progress) -> None:
        self.engine.start(progress)

    def run(self, job: TableJob, inputs: JobInputs, staging: Path, progress: Progress) -> tuple[Fragment, ...]:
        return self.engine.run(job, inputs, staging, progress)

    def upload(self, job: UploadJob, inputs: JobInputs, staging: Path, progress: Progress) -> tuple[Path, ...]:
        return self.engine.upload(job, inputs, staging, progress)

    def close(self) -> None:
        """Nothing: see above."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a step is computed: a folder that is emptied first, and the engine."""

    root: Path
    engine: Engine = field(default_factory=LocalEngine)


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """A checked repository and the stores of its target."""

    repository: Repository
    catalog: Catalog
    deployment: Deployment

    def apply(self, as_of: str, uploaded: Callable[[ObjectId], bool] = lambda _: True) -> Plan:
        """Plan up to a day and apply, without streams: those are folded by `agreement.streams`.

        uploaded: which group_bys get an upload.
        """
        state, tables = self.deployment.state.read(), self.deployment.tables
        with _refusing():
            plan = draft(
                (self.repository, self.catalog),
                state,
                tables,
                streams=self.deployment.streams,
                environment=ENVIRONMENT,
                as_of=day_of_text(as_of),
            )
        kept = tuple(step for step in plan.steps if _is_kept(step, uploaded))
        chosen = replace(plan, steps=kept)
        with _refusing():
            apply_plan(self.deployment, chosen, holder="golden", observer=Silent())
        return chosen

    def training(self, join: str) -> pa.Table:
        """The training rows of a join."""
        with _refusing():
            return training_rows(self.deployment, ENVIRONMENT, join)

    def fetcher(self, now: Millis) -> Fetcher:
        """A fetcher at a moment."""
        return Fetcher(self.deployment.kv, ENVIRONMENT, clock=lambda: now)


@contextmanager
def opened_world(case: Case, documents: Documents, place: Place, *, last: str) -> Iterator[World]:
    """The world of some documents. last: the last day of its tables. Errors: RefusedError."""
    root = place.root
    shutil.rmtree(root, ignore_errors=True)
    _write_repository(documents, root)
    read = {one["table"] for path, file in documents.files.items() if path.startswith("sources/") for one in _of(file)}
    repository, catalog, found = validate(root)
    if catalog is None:
        raise RefusedError([(one.code, one.message) for one in found if one.severity is Severity.ERROR])
    config, wrong = load_config(root)
    if config is None:
        raise RefusedError([(one.code, one.message) for one in wrong])
    write_tables(case, sorted(read & set(case.tables)), root / "data", last)
    with open_deployment(config) as deployment:
        kept = replace(deployment, engine=lambda: Kept(place.engine))
        yield World(repository=repository, catalog=catalog, deployment=kept)


def day_of_text(text: str) -> Day:
    """The day of an ISO date."""
    found = parse_day(text)
    if found is None:
        raise ValueError(f"{text} is no day")
    return found


def end_of(day: str) -> Millis:
    """00:00 of the day after: where a batch of that day ends."""
    return Millis((day_of_text(day) + 1) * DAY)


def _of(file: object) -> Iterator[dict[str, str]]:
    """The bodies of a source's document that name a table."""
    if isinstance(file, dict):
        if isinstance(file.get("table"), str):
            yield file
        for inner in file.values():
            yield from _of(inner)


def _write_repository(documents: Documents, root: Path) -> None:
    yaml = YAML(typ="safe", pure=True)
    yaml.default_flow_style = False
    target = {"engine": "local", "home": "home"}
    files = {
        "chronon.yaml": {"teams": "teams", "tables": "data", "streams": "streams", "targets": {"here": target}},
        "teams/golden/team.yaml": {"team": "golden"},
        **{f"teams/golden/{path}": content for path, content in documents.files.items()},
    }
    for path, content in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        yaml.dump(content, root / path)


def _is_kept(step: Step, uploaded: Callable[[ObjectId], bool]) -> bool:
    match step.job:
        case StreamJob():
            return False
        case UploadJob():
            return uploaded(step.job.group_by.id)
        case _:
            return True


@contextmanager
def _refusing() -> Iterator[None]:
    """What the platform refuses while it works, as a refusal."""
    try:
        yield
    except ChrononError as error:
        raise RefusedError([(error.code, error.message)]) from error
