"""`chronon fetch`: feature vectors on the terminal, and beside the training row of the same keys and moment."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from chronon.cli.context import HERE, PROD, EnvOption, JsonOption, RepoOption, TargetOption, config_of, deployment_of
from chronon.cli.exits import ExitCode
from chronon.cli.terminal import paint_for
from chronon.cli.views.vector import comparison_lines, results_json, vector_lines
from chronon.model.errors import ChrononError
from chronon.model.names import Kind
from chronon.model.time import Millis, day_of, instant_text, parse_instant
from chronon.serving.contract import Request, ServedSchema, Vector

if TYPE_CHECKING:
    from chronon.cli.given import Given
    from chronon.runners.deployment import Deployment
    from chronon.serving.comparison import Compared

Comparison = tuple["Compared", ...]

_FORM = "write column=value,column=value, a JSON object, or @file.jsonl with one object a line"


def fetch(
    name: Annotated[str, typer.Argument(help="Join or group_by: team.name, or team.name@version.")],
    *,
    keys: Annotated[str, typer.Option(help="carrier=UA,tailnum=N123; a JSON object; or @file.jsonl.")],
    at: Annotated[str | None, typer.Option(help="Moment to answer for, ISO time or epoch ms.  [default: now]")] = None,
    compare: Annotated[bool, typer.Option("--compare", help="Beside the training row; exit code 1 if any differs.")] = (
        False
    ),
    as_json: JsonOption = False,
    target: TargetOption = None,
    environment: EnvOption = PROD,
    repo: RepoOption = HERE,
) -> int:
    """Fetch features as a model would get them, with a status for whatever is not as asked."""
    from chronon.serving.fetcher import Fetcher
    from chronon.stores.kv import open_kv

    moment = _moment(at)
    with closing(open_kv(config_of(repo).target(target).kv_address, read_only=True)) as kv:
        fetcher = Fetcher(kv, environment)
        schema = fetcher.schema(name)
        requests = _requests(keys, moment, schema)
        vectors = fetcher.fetch(name, requests, schema.id.kind)
    compared = None
    if compare:
        from chronon.cli.given import given_to

        _check_join(schema)
        with deployment_of(repo, target) as deployment:
            given = given_to(schema.id, deployment.state.read().environment(environment))
            training = _training(deployment, environment, schema, requests, given)
            compared = _compare(training, schema, requests, vectors, given)
    if as_json:
        print(results_json(schema, requests, vectors, compared))
    else:
        _show(schema, requests, vectors, compared)
    differs = any(column.differs for columns in compared or () for column in columns)
    return ExitCode.FINDINGS if differs else ExitCode.DONE


def _show(
    schema: ServedSchema, requests: Sequence[Request], vectors: Sequence[Vector], compared: Sequence[Comparison] | None
) -> None:
    paint = paint_for(sys.stdout)
    for index, (request, vector) in enumerate(zip(requests, vectors, strict=True)):
        asked = ", ".join(f"{key}={value}" for key, value in request.keys.items())
        print(paint.strong(f"{schema.id} at {instant_text(request.at or Millis(0))}: {asked}"))
        lines = (
            comparison_lines(vector, schema, compared[index], paint)
            if compared
            else vector_lines(vector, schema, paint)
        )
        print("\n".join(lines))


def _moment(text: str | None) -> Millis:
    if text is None:
        return Millis(time.time_ns() // 1_000_000)
    moment = parse_instant(text)
    if moment is None:
        raise ChrononError("CHR-F010", f"{text!r} is no moment", "write an ISO time such as 2013-02-27T14:05:00Z")
    return moment


def _requests(keys: str, moment: Millis, schema: ServedSchema) -> tuple[Request, ...]:
    """The requests that `--keys` stands for. A line of a file may have its own moment: {"keys": …, "at": …}."""
    types = {column.name: column.type for column in (*schema.keys, *schema.inputs)}
    if keys.startswith("@"):
        return tuple(_line(_json(line), moment) for line in _lines(Path(keys[1:])) if line.strip())
    if keys.lstrip().startswith("{"):
        return (Request(keys=_json(keys), at=moment),)
    return (Request(keys=_pairs(keys, types), at=moment),)


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text("utf-8").splitlines()
    except UnicodeDecodeError as wrong:
        raise ChrononError(
            "CHR-F030", f"{path} is no UTF-8 text: {wrong.reason} at byte {wrong.start}", _FORM
        ) from wrong


def _line(found: Mapping[str, Any], moment: Millis) -> Request:
    if isinstance(found.get("keys"), dict):
        at = found.get("at")
        return Request(keys=found["keys"], at=moment if at is None else _moment(str(at)))
    return Request(keys=found, at=moment)


def _json(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except ValueError as wrong:
        raise ChrononError("CHR-F030", f"--keys is no JSON object: {wrong}", _FORM) from wrong
    if not isinstance(found, dict):
        raise ChrononError("CHR-F030", f"--keys is no JSON object but {text:.40}", _FORM)
    return found


def _pairs(text: str, types: Mapping[str, Any]) -> dict[str, object]:
    from chronon.serving.inputs import from_text

    found: dict[str, object] = {}
    for pair in text.split(","):
        column, equals, value = pair.partition("=")
        if not equals:
            raise ChrononError("CHR-F030", f"--keys has {pair!r}, which is no column=value", _FORM)
        if column not in types:
            known = ", ".join(types)
            raise ChrononError("CHR-F031", f"{column!r} is no column of the request", f"it takes {known}")
        try:
            found[column] = from_text(value, types[column])
        except ValueError as wrong:
            raise ChrononError("CHR-F030", f"{column} is a {types[column]}: {wrong}", _FORM) from wrong
    return found


def _check_join(schema: ServedSchema) -> None:
    if schema.id.kind is not Kind.JOIN:
        raise ChrononError("CHR-F033", f"{schema.id} is a group_by: only joins have training rows", "compare a join")


def _compare(
    training: Any,
    schema: ServedSchema,
    requests: Sequence[Request],
    vectors: Sequence[Vector],
    given: Given | None = None,
) -> tuple[Comparison, ...]:
    """Every vector beside its training row, feature by feature. given: what a bootstrap gave is held against nothing."""
    from chronon.serving.comparison import compared

    left = {column.name for column in (*schema.keys, *schema.inputs)}
    columns = [column.name for column in schema.outputs if column.name not in left]
    pairs = []
    for request, vector in zip(requests, vectors, strict=True):
        carried = {name: value for name, value in vector.values.items() if name in left}
        row = _row_of(training, request, carried)
        pairs.append(compared(vector.values, row, columns, given.in_row(row) if given else ()))
    return tuple(pairs)


def _training(
    deployment: Deployment, environment: str, schema: ServedSchema, requests: Sequence[Request], given: Given
) -> Any:
    """The training rows of the days of some requests, with what is given to them."""
    from chronon.model.dayset import DaySet
    from chronon.runners.training import training_rows

    days = DaySet.days(day_of(request.at or Millis(0)) for request in requests)
    return training_rows(deployment, environment, str(schema.id), days, given.looked_up)


def _row_of(table: Any, request: Request, carried: Mapping[str, object]) -> Mapping[str, object]:
    """The training row of the request's moment and columns. Errors: CHR-F032 when there is none."""
    import pyarrow.compute as pc

    from chronon.runners.training import rows_of
    from chronon.serving.comparison import is_same

    for row in rows_of(table.filter(pc.equal(table["ts"], request.at))):
        if all(is_same(row[name], value) for name, value in carried.items()):
            return row
    asked = ", ".join(f"{name}={value}" for name, value in sorted(carried.items()))
    raise ChrononError(
        "CHR-F032",
        f"no training row has {asked} at {instant_text(request.at or Millis(0))}",
        "`chronon show NAME --rows` lists those that there are",
    )
