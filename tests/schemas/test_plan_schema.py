"""`plan.schema.json` is what the types of a plan say, and every stored and every made plan is of it."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from jsonschema import Draft7Validator, Draft202012Validator
from plan_schema import plan_schema

from chronon.cli.views.plan_json import plan_json, read_plan
from chronon.model.errors import ChrononError
from chronon.model.plan import FORMAT_VERSION
from chronon.schemas import documents
from chronon.schemas.documents import Draft, draft_schema

FILE = Path(documents.__file__).with_name("plan.schema.json")
VERSIONS = Path(__file__).with_name("plans")


def test_schema_when_compared_with_the_types_of_a_plan_is_theirs() -> None:
    text = json.dumps(plan_schema(), ensure_ascii=False, indent=2) + "\n"

    if os.environ.get("CHRONON_BLESS"):
        FILE.write_text(text)
    assert FILE.read_text() == text
    Draft202012Validator.check_schema(json.loads(text))


@pytest.mark.parametrize("version", range(3, FORMAT_VERSION + 1))
def test_a_plan_is_kept_of_every_version_and_is_read(version: int) -> None:
    text = (VERSIONS / f"v{version:03}.json").read_text()

    plan = read_plan(text)

    assert json.loads(text)["format_version"] == version
    assert plan.steps
    assert plan.corrected
    assert plan.streams


def test_kept_plan_of_this_version_is_of_the_schema_and_written_as_it_was_read() -> None:
    text = (VERSIONS / f"v{FORMAT_VERSION:03}.json").read_text()

    Draft202012Validator(json.loads(FILE.read_text())).validate(json.loads(text))
    Draft7Validator(draft_schema("plan", Draft.D07)).validate(json.loads(text))
    assert plan_json(read_plan(text)) == text


@pytest.mark.parametrize(
    "edit",
    [
        lambda plan: plan.pop("base_serial"),
        lambda plan: plan.update(more=1),
        lambda plan: plan.update(format_version=2),
        lambda plan: plan.update(id="p-1"),
        lambda plan: plan["steps"][0]["job"].update(kind="OtherJob"),
        lambda plan: plan["steps"][0]["job"].update(days=[[1, 2, 3]]),
        lambda plan: plan["changes"][0].update(danger="none"),
        lambda plan: plan["streams"][0].update(verdict="perhaps"),
        lambda plan: plan["steps"][0]["estimate"]["read"].update(rows="many"),
    ],
)
def test_schema_refuses_what_is_no_plan(edit) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001
    plan = json.loads((VERSIONS / f"v{FORMAT_VERSION:03}.json").read_text())
    edit(plan)

    assert not Draft202012Validator(json.loads(FILE.read_text())).is_valid(plan)
    assert not Draft7Validator(draft_schema("plan", Draft.D07)).is_valid(plan)


def test_plan_of_an_unknown_format_is_refused_with_what_to_do() -> None:
    with pytest.raises(ChrononError, match="CHR-S901"):
        read_plan('{"format_version": 99}')
