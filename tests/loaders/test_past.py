from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from git import Repo

from chronon.loaders import PastRevision, past_revisions
from chronon.model.errors import ChrononError

CONFIG = "targets: {local: {engine: local, home: .chronon/local}}\n"
SOURCE = "source: planes\nentities: {table: flights.planes, columns: {id: string}}\n"


def at(root: Path, revision: str) -> PastRevision:
    with closing(past_revisions(root, revision)) as found:
        return next(found)


def commit(made: Repo, folder: Path, files: dict[str, str]) -> str:
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    made.git.add("-A")
    return made.index.commit("change").hexsha[:12]


@pytest.fixture
def made(tmp_path: Path) -> Iterator[Repo]:
    repo = Repo.init(tmp_path, initial_branch="main")
    with repo.config_writer() as config:
        config.set_value("user", "name", "a").set_value("user", "email", "a@example.com")
    yield repo
    repo.close()


FILES = {
    "inside/chronon.yaml": CONFIG,
    "inside/teams/flights/team.yaml": "team: flights\n",
    "inside/teams/flights/sources/planes.yaml": SOURCE,
    "inside/teams/flights/README.md": "nothing",
    "inside/teams/flights/sources/deeper/planes.yaml": "no document",
}


def test_revision_when_files_changed_since_then_is_as_it_was(made: Repo, tmp_path: Path) -> None:
    first = commit(made, tmp_path, FILES)
    commit(made, tmp_path, {"inside/teams/flights/sources/planes.yaml": SOURCE.replace("string", "long")})
    (tmp_path / "inside/teams/flights/sources/planes.yaml").write_text("broken: [")

    past = at(tmp_path / "inside", first)

    (source,) = past.repository.sources.values()
    assert past.found == ()
    assert past.repository.revision == first
    assert [str(column.type) for column in source.columns] == ["string"]
    assert list(past.repository.teams) == ["flights"]


def test_revisions_when_walked_then_are_those_that_changed_the_repository(made: Repo, tmp_path: Path) -> None:
    before = commit(made, tmp_path, {"elsewhere": "0"})
    first = commit(made, tmp_path, FILES)
    commit(made, tmp_path, {"elsewhere": "1"})
    second = commit(made, tmp_path, {"inside/teams/flights/team.yaml": "team: flights\nowners: a\n"})
    last = commit(made, tmp_path, {"elsewhere": "2"})

    found = [past.repository.revision for past in past_revisions(tmp_path / "inside", "main")]

    assert found == [last, second, first]
    assert before not in found


def test_repository_when_it_is_the_whole_of_git_with_teams_at_the_top_then_is_found(made: Repo, tmp_path: Path) -> None:
    commit(made, tmp_path, {"chronon.yaml": f"teams: .\n{CONFIG}", "flights/team.yaml": "team: flights\n"})

    past = at(tmp_path, "HEAD")

    assert list(past.repository.teams) == ["flights"]


def test_revision_when_a_file_was_broken_then_says_so(made: Repo, tmp_path: Path) -> None:
    commit(made, tmp_path, FILES | {"inside/teams/flights/sources/planes.yaml": "source: planes\n"})

    past = at(tmp_path / "inside", "HEAD")

    assert past.repository.sources == {}
    assert {one.span.path for one in past.found} == {"teams/flights/sources/planes.yaml"}


@pytest.mark.parametrize("revision", ["no-such-branch", "HEAD~7", "", "HEAD:inside"])
def test_revision_when_git_does_not_know_it_then_is_an_error(made: Repo, tmp_path: Path, revision: str) -> None:
    commit(made, tmp_path, FILES)

    with pytest.raises(ChrononError, match="CHR-S033"):
        at(tmp_path / "inside", revision)


def test_revision_when_the_repository_was_not_there_then_is_an_error(made: Repo, tmp_path: Path) -> None:
    first = commit(made, tmp_path, {"elsewhere": "0"})
    commit(made, tmp_path, FILES)

    with pytest.raises(ChrononError, match="CHR-S033"):
        at(tmp_path / "inside", first)


def test_revision_when_outside_git_then_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ChrononError, match="CHR-S032"):
        at(tmp_path, "HEAD")
