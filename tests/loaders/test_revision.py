from __future__ import annotations

from pathlib import Path

import pytest
from git import Repo

from chronon.loaders.revision import revision_of


@pytest.fixture
def repository(tmp_path: Path) -> Repo:
    made = Repo.init(tmp_path)
    with made.config_writer() as config:
        config.set_value("user", "name", "a").set_value("user", "email", "a@example.com")
    (tmp_path / "inside").mkdir()
    (tmp_path / "inside" / "file").write_text("1")
    made.index.add(["inside/file"])
    made.index.commit("one")
    return made


def test_revision_when_nothing_differs_then_is_the_commit(repository: Repo, tmp_path: Path) -> None:
    assert revision_of(tmp_path) == repository.head.commit.hexsha[:12]


def test_revision_when_a_file_below_differs_then_ends_in_plus(repository: Repo, tmp_path: Path) -> None:
    (tmp_path / "inside" / "file").write_text("2")

    assert revision_of(tmp_path / "inside") == repository.head.commit.hexsha[:12] + "+"


def test_revision_when_a_new_file_lies_below_then_ends_in_plus(repository: Repo, tmp_path: Path) -> None:
    (tmp_path / "inside" / "other").write_text("2")

    assert revision_of(tmp_path / "inside") == repository.head.commit.hexsha[:12] + "+"


def test_revision_when_only_a_file_elsewhere_differs_then_is_the_commit(repository: Repo, tmp_path: Path) -> None:
    (tmp_path / "outside").write_text("2")

    assert revision_of(tmp_path / "inside") == repository.head.commit.hexsha[:12]


def test_revision_when_nothing_is_committed_then_is_empty(tmp_path: Path) -> None:
    Repo.init(tmp_path).close()

    assert revision_of(tmp_path) == ""


def test_revision_when_outside_git_then_is_empty(tmp_path: Path) -> None:
    assert revision_of(tmp_path) == ""
