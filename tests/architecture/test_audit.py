"""`validate` and `plan` open no socket, start no process, write nothing outside cache and state, run no code of the repository."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from git import Repo

ROOT = Path(__file__).parents[2]
PLANTED = "raise SystemExit('the repository ran its own code')\n"
VERBS = {
    "validate": ["validate"],
    "validate as JSON": ["validate", "--json"],
    "plan": ["plan"],
    "plan as JSON": ["plan", "--json"],
}


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """The example repository, with modules planted where an import could find them."""
    folder = tmp_path / "repository"
    shutil.copytree(ROOT / "teams", folder / "teams")
    shutil.copy(ROOT / "chronon.yaml", folder)
    for name in (
        "json",
        "sitecustomize",
        "usercustomize",
        "yaml",
        "chronon",
        "re",
        "sqlglot",
        "jsonschema",
        "conftest",
    ):
        for place in (folder, folder / "teams", folder / "teams" / "airlines"):
            (place / f"{name}.py").write_text(PLANTED)
    return folder


def in_git(repository: Path) -> None:
    """A commit of everything, and one file that differs from it."""
    with Repo.init(repository) as repo:
        repo.git.add("--all")
        repo.git.execute(["git", "-c", "user.name=a", "-c", "user.email=a@example.com", "commit", "-qm", "one"])
        repo.git.gc("--quiet")  # a commit in a pack, as after a clone
    with (repository / "chronon.yaml").open("a") as config:
        config.write("# edited\n")


def audited(repository: Path, arguments: list[str]) -> subprocess.CompletedProcess[str]:
    homes = {"XDG_CACHE_HOME": str(repository.parent / "cache"), "XDG_STATE_HOME": str(repository.parent / "state")}
    return subprocess.run(
        [sys.executable, str(Path(__file__).with_name("audited.py")), str(repository), *arguments],
        cwd=repository, capture_output=True, text=True, check=False, env={**os.environ, **homes},
    )  # fmt: skip


@pytest.mark.parametrize("verb", VERBS)
def test_verb_when_audited_then_does_nothing_but_read(verb: str, repository: Path) -> None:
    before = sorted(repository.rglob("*"))

    for _ in range(2):  # the second time with a memory of the first
        ended = audited(repository, VERBS[verb])

        assert "AUDIT" not in ended.stderr, ended.stderr
        assert (ended.returncode, ended.stderr) == (0, "")
    assert [path for path in sorted(repository.rglob("*")) if path not in before and ".chronon" not in path.parts] == []


@pytest.mark.parametrize("verb", VERBS)
def test_verb_when_audited_inside_git_then_does_nothing_but_read(verb: str, repository: Path) -> None:
    in_git(repository)

    for _ in range(2):
        ended = audited(repository, VERBS[verb])

        assert "AUDIT" not in ended.stderr, ended.stderr
        assert (ended.returncode, ended.stderr) == (0, "")


@pytest.mark.parametrize(
    "code",
    [
        "import socket; socket.socket()",
        "import subprocess; subprocess.run(['true'])",
        "import os; os.system('true')",
        "import os; os.fork()",
        "open('written', 'w')",
        "import sys; sys.path.insert(0, '.'); import conftest",
        "import marshal; marshal.loads(marshal.dumps(1))",
    ],
)
def test_hook_when_something_forbidden_is_done_then_ends_the_process(code: str, repository: Path) -> None:
    program = f"import sys; sys.path.append({str(Path(__file__).parent)!r}); import audited\n"
    program += f"audited.watch(audited.Path({str(repository)!r}).resolve()); {code}\n"

    ended = subprocess.run(
        [sys.executable, "-I", "-c", program], cwd=repository, capture_output=True, text=True, check=False
    )

    assert (ended.returncode, "AUDIT" in ended.stderr) == (99, True), ended.stderr
