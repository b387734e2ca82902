from __future__ import annotations

from pathlib import Path

import pytest

from chronon.loaders import Config, find_config, load_config
from chronon.model.errors import ChrononError

FULL = """
teams: definitions
tables: data/tables
streams: /srv/streams
target: big
targets:
  small: {engine: local, home: .chronon/small}
  big: {engine: spark, home: /srv/chronon}
"""


def a_config(root: Path, text: str) -> Config:
    (root / "chronon.yaml").write_text(text)
    for folder in ("teams", "definitions"):
        (root / folder).mkdir(exist_ok=True)
    config, found = load_config(root)
    assert found == ()
    assert config is not None
    return config


def test_load_config_when_paths_are_relative_then_they_are_below_the_root(tmp_path: Path) -> None:
    config = a_config(tmp_path, FULL)

    assert config.teams == tmp_path / "definitions"
    assert config.tables == tmp_path / "data/tables"
    assert config.streams == Path("/srv/streams")
    assert config.target("small").state == f"sqlite:{tmp_path / '.chronon/small/state.db'}"
    assert config.target("small").warehouse == tmp_path / ".chronon/small/warehouse"
    assert config.target("small").kv == tmp_path / ".chronon/small/kv"


def test_target_when_none_is_named_then_is_the_default(tmp_path: Path) -> None:
    assert a_config(tmp_path, FULL).target().name == "big"


def test_target_when_there_is_only_one_then_is_that(tmp_path: Path) -> None:
    config = a_config(tmp_path, "targets: {only: {engine: local, home: here}}\n")

    assert config.target().name == "only"


def test_target_when_there_are_several_and_no_default_then_says_so(tmp_path: Path) -> None:
    config = a_config(tmp_path, FULL.replace("target: big\n", ""))

    with pytest.raises(ChrononError, match="several targets") as caught:
        config.target()

    assert caught.value.code == "CHR-S031"
    assert caught.value.hint == "name one: small, big"


def test_target_when_misspelt_then_names_the_nearest(tmp_path: Path) -> None:
    config = a_config(tmp_path, FULL)

    with pytest.raises(ChrononError, match="no target `smalls`") as caught:
        config.target("smalls")

    assert caught.value.hint == "did you mean `small`?"


def test_find_config_when_below_the_root_then_walks_up(tmp_path: Path) -> None:
    a_config(tmp_path, FULL)
    below = tmp_path / "definitions" / "delays"
    below.mkdir()

    config, found = find_config(below)

    assert found == ()
    assert config is not None
    assert config.root == tmp_path.resolve()


def test_find_config_when_there_is_none_then_says_where_it_looked(tmp_path: Path) -> None:
    config, found = find_config(tmp_path)

    assert config is None
    assert [(one.code, str(tmp_path) in one.message) for one in found] == [("CHR-S030", True)]


def test_load_config_when_a_field_is_wrong_then_points_at_it(tmp_path: Path) -> None:
    (tmp_path / "chronon.yaml").write_text("targets:\n  local: {engine: locl, home: here}\n")

    config, found = load_config(tmp_path)

    assert config is None
    assert [(str(one.span), one.hint) for one in found] == [("chronon.yaml:2:19", "did you mean `local`?")]


def test_load_config_when_it_is_a_folder_then_says_so(tmp_path: Path) -> None:
    (tmp_path / "chronon.yaml").mkdir()

    config, found = load_config(tmp_path)

    assert config is None
    assert [one.code for one in found] == ["CHR-S023"]
