from __future__ import annotations

import random
from pathlib import Path

import pytest

from chronon.loaders import broken_objects, codes, files, load
from chronon.loaders.files import Place, content_of, place_of
from chronon.model.diagnostics import Diagnostic, Severity, Span
from chronon.model.names import Kind, ObjectName

CONFIG = "targets: {local: {engine: local, home: .chronon/local}}\n"
SOURCE = "source: {name}\nentities: {{table: flights.{name}, columns: {{id: string}}}}\n"


def a_repository(root: Path, sources: tuple[str, ...] = ("planes",)) -> Path:
    (root / "chronon.yaml").write_text(CONFIG)
    folder = root / "teams" / "flights" / "sources"
    folder.mkdir(parents=True)
    (root / "teams" / "flights" / "team.yaml").write_text("team: flights\n")
    for name in sources:
        (folder / f"{name}.yaml").write_text(SOURCE.format(name=name))
    return root


def test_load_when_the_repository_is_valid_then_has_its_objects_by_name(tmp_path: Path) -> None:
    repository, found = load(a_repository(tmp_path))

    assert found == ()
    assert list(repository.teams) == ["flights"]
    assert list(map(str, repository.sources)) == ["flights.planes"]


def test_load_when_one_file_is_broken_then_the_others_are_there(tmp_path: Path) -> None:
    a_repository(tmp_path, ("planes", "rain"))
    (tmp_path / "teams/flights/sources/rain.yaml").write_text("source: rain\n")

    repository, found = load(tmp_path)

    assert list(map(str, repository.sources)) == ["flights.planes"]
    assert broken_objects(found) == {(Kind.SOURCE, ObjectName("flights", "rain"))}


def test_load_when_files_are_created_in_any_order_then_findings_are_the_same(tmp_path: Path) -> None:
    names = [f"s{number}" for number in range(8)]
    results = []
    for number in range(2):
        random.Random(number).shuffle(names)
        root = tmp_path / str(number)
        root.mkdir()
        a_repository(root, tuple(names))
        for name in names[:4]:
            (root / f"teams/flights/sources/{name}.yaml").write_text("nothing: x\n")
        for name in names:
            (root / f"teams/flights/sources/{name}.yaml").touch()
        results.append(load(root))
    same = [sorted(set(names) - {one.span.path.split("/")[-1][:-5] for one in found}) for _, found in results]

    assert [list(map(str, repository.sources)) for repository, _ in results] == [
        [f"flights.{name}" for name in left] for left in same
    ]
    assert all(list(found) == sorted(found, key=lambda one: (one.span, one.code)) for _, found in results)


def test_load_when_a_data_folder_looks_like_a_team_then_it_is_skipped(tmp_path: Path) -> None:
    a_repository(tmp_path)
    (tmp_path / "chronon.yaml").write_text(CONFIG + "tables: teams/data\n")
    (tmp_path / "teams" / "data" / "sources").mkdir(parents=True)

    _repository, found = load(tmp_path)

    assert found == ()


def test_load_when_the_config_is_broken_then_definitions_are_still_read(tmp_path: Path) -> None:
    a_repository(tmp_path)
    (tmp_path / "chronon.yaml").write_text("target: [\n")

    repository, found = load(tmp_path)

    assert {one.span.path for one in found} == {"chronon.yaml"}
    assert list(map(str, repository.sources)) == ["flights.planes"]


def test_load_when_there_is_no_config_then_says_so(tmp_path: Path) -> None:
    _repository, found = load(tmp_path)

    assert [one.code for one in found] == [codes.NO_CONFIG]


@pytest.mark.parametrize("teams", ["../elsewhere", "{}/elsewhere", "link"])
def test_load_when_the_teams_lie_outside_then_nothing_is_read(tmp_path: Path, teams: str) -> None:
    outside = tmp_path / "elsewhere"
    outside.mkdir()
    a_repository(outside)
    inside = tmp_path / "repository"
    inside.mkdir()
    (inside / "link").symlink_to(outside / "teams")
    (inside / "chronon.yaml").write_text(CONFIG + f"teams: {teams.format(tmp_path)}\n")

    repository, found = load(inside)

    assert [one.code for one in found] == [codes.NO_TEAMS]
    assert not repository.sources


def test_content_of_when_the_file_is_gone_then_is_a_finding(tmp_path: Path) -> None:
    place = Place(path="teams/flights/team.yaml", kind=Kind.TEAM, team="flights", name="flights")

    content = content_of(tmp_path, place)

    assert isinstance(content, Diagnostic)
    assert content.code == codes.UNREADABLE


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("teams/a/team.yaml", (Kind.TEAM, "a", "a", None)),
        ("teams/a/sources/b.yaml", (Kind.SOURCE, "a", "b", None)),
        ("x/y/a/group_bys/b@12.yaml", (Kind.GROUP_BY, "a", "b", 12)),
        ("teams/a/joins/b.yml", None),
        ("teams/a/other/b.yaml", None),
        ("joins/b.yaml", None),
        ("chronon.yaml", None),
    ],
)
def test_place_of_when_given_a_path_then_says_what_is_declared_there(
    path: str, expected: tuple[Kind, str, str, int | None] | None
) -> None:
    place = place_of(path)

    assert (place and (place.kind, place.team, place.name, place.version)) == expected


def test_broken_objects_when_a_finding_is_a_warning_then_nothing_is_broken() -> None:
    place = Span("teams/a/joins/b.yaml")
    found = [Diagnostic(code="CHR-V030", span=place, message="m", severity=Severity.WARNING)]

    assert broken_objects(found) == frozenset()


def test_summaries_when_compared_with_the_codes_then_each_has_one() -> None:
    named = {value for name, value in vars(codes).items() if name.isupper() and isinstance(value, str)}

    assert named == set(codes.SUMMARIES)
    assert set(files.FOLDERS.values()) == set(Kind) - {Kind.TEAM}


def test_content_when_a_file_has_become_a_link_then_is_read_only_within_the_repository(tmp_path: Path) -> None:
    root = tmp_path / "repository"
    place = place_of("teams/a/joins/b.yaml")
    assert place is not None
    file = root / place.path
    file.parent.mkdir(parents=True)
    for target, text in ((root / "inside", b"inside"), (tmp_path / "outside", b"outside")):
        target.write_bytes(text)

    file.symlink_to(root / "inside")
    inside = content_of(root, place)
    file.unlink()
    file.symlink_to(tmp_path / "outside")
    outside = content_of(root, place)

    assert inside == b"inside"
    assert isinstance(outside, Diagnostic)
    assert outside.code == codes.NOT_A_FILE
