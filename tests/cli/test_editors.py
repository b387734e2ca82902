"""What editors are given: settings that keep everything that was there, and schemas that lead to every kind of file."""

from __future__ import annotations

import fnmatch
import json
from pathlib import Path

import pytest

from chronon.cli.app import run
from chronon.cli.editors import SETTING, settings_for, settings_text, write_schemas
from chronon.model.errors import ChrononError
from chronon.schemas.documents import NAMES

WANTED = {"./schemas/team.schema.json": "teams/*/team.yaml", "./schemas/join.schema.json": "teams/*/joins/*.yaml"}
ENTRIES = """\
    "./schemas/team.schema.json": "teams/*/team.yaml",
    "./schemas/join.schema.json": "teams/*/joins/*.yaml\""""


def test_settings_when_there_are_none_then_are_those_that_are_wanted() -> None:
    assert settings_text(None, WANTED) == f'{{\n  "{SETTING}": {{\n{ENTRIES}\n  }}\n}}\n'


def test_settings_when_there_are_others_then_stand_before_them() -> None:
    before = '{\n  // how we indent\n  "editor.tabSize": 2, /* {} */\n}\n'

    after = f'{{\n  "{SETTING}": {{\n{ENTRIES}\n  }},\n  // how we indent\n  "editor.tabSize": 2, /* {{}} */\n}}\n'
    assert settings_text(before, WANTED) == after


def test_settings_when_some_schemas_are_set_then_these_stay() -> None:
    before = f'{{\n  "{SETTING}": {{\n    "./schemas/team.schema.json": "own/*.yaml" // ours\n  }}\n}}\n'

    after = f"""\
{{
  "{SETTING}": {{
    "./schemas/join.schema.json": "teams/*/joins/*.yaml",
    "./schemas/team.schema.json": "own/*.yaml" // ours
  }}
}}
"""
    assert settings_text(before, WANTED) == after


def test_settings_when_all_is_there_then_no_byte_changes() -> None:
    text = settings_text("// first\r\n{}", WANTED)

    assert text is not None
    assert text.startswith(f'// first\r\n{{\r\n  "{SETTING}": {{\r\n')
    assert settings_text(text, WANTED) == text


@pytest.mark.parametrize(
    "before",
    [
        "{}",
        " { } ",
        '{"a": "// no comment, }"}',
        '{"a": [1, 2,],}',
        '\ufeff{\n\t"a": {"b": "\\""}\n}',
        f'{{"{SETTING}": {{}}}}',
    ],
)
def test_settings_when_written_in_any_way_then_say_what_they_said_and_what_is_wanted(before: str) -> None:
    text = settings_text(before, WANTED)

    assert text is not None
    cuts = range(len(before) + 1)
    assert any(text.startswith(before[:cut]) and text.endswith(before[cut:]) for cut in cuts), text
    assert settings_text(text, WANTED) == text


@pytest.mark.parametrize(
    "before",
    [
        "",
        "[]",
        "{",
        '{"a": 1 "b": 2}',
        '{"a": 1, "a": 2}',
        f'{{"{SETTING}": []}}',
        f'{{"x": {{"{SETTING}": {{}}}}, "{SETTING}": {{}}}}',
    ],
)
def test_settings_when_they_cannot_be_added_to_safely_then_are_left_alone(before: str) -> None:
    assert settings_text(before, WANTED) is None


def test_patterns_when_compared_with_a_repository_then_each_kind_has_its_schema() -> None:
    files = (
        "chronon.yaml",
        "teams/a/team.yaml",
        "teams/a/sources/b.yaml",
        "teams/a/group_bys/b@2.yaml",
        "teams/a/joins/b.yaml",
    )

    found = {
        file: [name for name, one in settings_for("schemas").items() if fnmatch.fnmatch(file, one)] for file in files
    }

    assert found == {file: [f"./schemas/{name}.schema.json"] for file, name in zip(files, NAMES, strict=True)}


def test_schemas_when_another_file_is_in_the_way_then_none_is_written(tmp_path: Path) -> None:
    (tmp_path / "b.schema.json").write_text("not ours")

    with pytest.raises(ChrononError, match=r"b\.schema\.json is there") as caught:
        write_schemas({tmp_path / "a.schema.json": "{}", tmp_path / "b.schema.json": "{}"})

    assert caught.value.code == "CHR-S110"
    assert sorted(tmp_path.iterdir()) == [tmp_path / "b.schema.json"]


def test_repository_when_started_among_settings_of_others_then_tells_what_is_left_to_do(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = tmp_path / ".vscode" / "settings.json"
    settings.parent.mkdir()
    settings.write_bytes(b"\xff")

    code = run(["init", str(tmp_path), "--json"])

    answer = json.loads(capsys.readouterr().out)
    assert code == 0
    assert str(settings) not in answer["written"]
    assert answer["left"] == {str(settings): {SETTING: settings_for("schemas")}}
    assert settings.read_bytes() == b"\xff"
