"""The revision agrees with git itself, whatever happens to a work tree: git is asked in the test, never by the product."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from chronon.loaders.revision import revision_of


class Tree:
    """A work tree with a folder `inside`, and what may happen to it."""

    def __init__(self, top: Path, chance: random.Random) -> None:
        self.top, self.chance = top, chance
        top.mkdir(parents=True, exist_ok=True)
        self.git("init", "-q", "-b", "main")
        self.root.mkdir()
        for name in ("inside/a", "inside/b.txt", "inside/deep/er/c", "outside", "inside/run.sh"):
            self.write(name, name)
        self.git("add", "-A")
        self.commit()

    @property
    def root(self) -> Path:
        return self.top / "inside"

    def git(self, *arguments: str, at: Path | None = None) -> str:
        settings = ("-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "protocol.file.allow=always")
        command = ["git", *settings, *arguments]
        ended = subprocess.run(command, cwd=at or self.top, capture_output=True, text=True, check=False)
        return ended.stdout.strip()

    def commit(self) -> None:
        self.git("commit", "-q", "--allow-empty", "-m", "more")

    def write(self, name: str, text: str) -> None:
        file = self.top / name
        file.parent.mkdir(parents=True, exist_ok=True)
        if file.is_symlink() or file.is_file():
            file.unlink()
        if not file.is_dir():
            file.write_bytes(text.encode())

    def expected(self, root: Path) -> str:
        """What git says: asked last, as it refreshes its index."""
        commit = self.git("rev-parse", "--verify", "HEAD", at=root)
        listed = self.git(
            "--no-optional-locks", "status", "--porcelain", "--untracked-files=normal", "--", ".", at=root
        )
        return commit[:12] + ("+" if listed else "") if commit else ""

    def some_file(self) -> Path:
        """One that is no file of git itself: with a broken one git says nothing at all."""
        files = [file for file in self.top.rglob("*") if file.is_file() or file.is_symlink()]
        own = [file for file in files if ".git" not in file.parts and file.name not in {".git", ".gitmodules"}]
        return self.chance.choice(own or [self.top / "inside/a"])

    def name(self) -> str:
        return self.chance.choice(
            [
                "inside/a",
                "inside/new",
                "inside/deep/new.txt",
                "inside/logs/x.log",
                "inside/b.txt",
                "other/x.log",
                "inside/ü",
            ]
        )


def edit(tree: Tree) -> None:
    tree.write(tree.name(), tree.chance.choice(["1", "2", "inside/a", "two\r\nlines\r\n", "two\nlines\n"]))


def same_length(tree: Tree) -> None:
    file = tree.some_file()
    if file.is_file() and not file.is_symlink():
        file.write_bytes(bytes(byte ^ 1 for byte in file.read_bytes()))


def touch(tree: Tree) -> None:
    os.utime(tree.some_file(), follow_symlinks=False)


def remove(tree: Tree) -> None:
    tree.some_file().unlink(missing_ok=True)


def rename(tree: Tree) -> None:
    target = tree.top / tree.name()
    target.parent.mkdir(parents=True, exist_ok=True)
    if not target.is_dir():
        tree.some_file().replace(target)


def stage(tree: Tree) -> None:
    tree.git("add", tree.chance.choice(["-A", "inside", "-u", "."]))


def announce(tree: Tree) -> None:
    tree.git("add", "-N", "inside")


def unstage(tree: Tree) -> None:
    tree.git(
        *tree.chance.choice(
            [("rm", "-rq", "--cached", "inside/deep"), ("reset", "-q"), ("rm", "-q", "--cached", "inside/a")]
        )
    )


def commit(tree: Tree) -> None:
    tree.git("add", "-A")
    tree.commit()


def commit_staged(tree: Tree) -> None:
    tree.commit()


def restore(tree: Tree) -> None:
    tree.git("checkout", "-q", "--", ".")


def clean(tree: Tree) -> None:
    tree.git("stash", "-q", "-u")


def ignore(tree: Tree) -> None:
    patterns = [
        "*.log", "/new", "new", "logs/", "**/x.log", "deep/**", "!new.txt", "*", "!*/", "inside/logs", "/inside/new", "[ab]*",
        "\\#x", "n?w", "[[:alpha:]]", "er/", "# nothing", "*.txt  ", "**/er/**", "x[!y].log", "/*/logs/*.log", "foo**bar", "a\\",
    ]  # fmt: skip
    where = tree.chance.choice([".gitignore", "inside/.gitignore", "inside/deep/.gitignore", ".git/info/exclude"])
    file = tree.top / where
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("\n".join(tree.chance.sample(patterns, tree.chance.randint(0, 3))) + "\n")


def executable(tree: Tree) -> None:
    file = tree.some_file()
    if not file.is_symlink():
        file.chmod(file.stat().st_mode ^ 0o100)


def link(tree: Tree) -> None:
    file = tree.top / tree.name()
    file.parent.mkdir(parents=True, exist_ok=True)
    if not file.is_dir() or file.is_symlink():
        file.unlink(missing_ok=True)
        file.symlink_to(tree.chance.choice(["a", "nowhere", "deep"]))


def empty_folder(tree: Tree) -> None:
    (tree.root / "empty/er").mkdir(parents=True, exist_ok=True)


def pipe(tree: Tree) -> None:
    if not (tree.root / "pipe").exists():
        os.mkfifo(tree.root / "pipe")


def nested(tree: Tree) -> None:
    tree.git("init", "-q", "inside/nested")


def submodule(tree: Tree) -> None:
    other = tree.top.parent / "other"
    if not other.exists():
        Tree(other, tree.chance)
    tree.git("submodule", "--quiet", "add", str(other), "inside/module")


def edit_submodule(tree: Tree) -> None:
    module = tree.root / "module"
    if (module / ".git").exists():
        tree.chance.choice([
            lambda: (module / "fresh").write_text("x"),
            lambda: tree.git("commit", "-q", "--allow-empty", "-m", "inside", at=module),
            lambda: tree.git("add", "-A", at=module),
            lambda: tree.git("checkout", "-q", "--detach", at=module),
            lambda: shutil.rmtree(module),
        ])()  # fmt: skip


def pack(tree: Tree) -> None:
    tree.git(*tree.chance.choice([("pack-refs", "--all"), ("gc", "-q", "--prune=now"), ("repack", "-adq")]))


def branch(tree: Tree) -> None:
    tree.git(*tree.chance.choice([
        ("checkout", "-q", "--detach"), ("checkout", "-q", "main"), ("checkout", "-q", "-b", f"side/{tree.chance.randrange(9)}"),
        ("checkout", "-q", "HEAD~1"),
    ]))  # fmt: skip


def conflict(tree: Tree) -> None:
    tree.git("checkout", "-q", "-B", "left")
    tree.write("inside/a", "left")
    tree.git("commit", "-qam", "left")
    tree.git("checkout", "-q", "-B", "right", "HEAD~1")
    tree.write("inside/a", "right")
    tree.git("commit", "-qam", "right")
    tree.git("merge", "-q", "left")


def marked(tree: Tree) -> None:
    what = tree.chance.choice(["--assume-unchanged", "--skip-worktree", "--no-assume-unchanged", "--no-skip-worktree"])
    tree.git("update-index", what, tree.chance.choice(["inside/a", "inside/b.txt"]))


def written_otherwise(tree: Tree) -> None:
    tree.git("update-index", "--index-version", tree.chance.choice("234"))


def setting(tree: Tree) -> None:
    key, value = tree.chance.choice([
        ("core.autocrlf", "true"), ("core.autocrlf", "false"), ("core.fileMode", "false"), ("core.fileMode", "true"),
        ("core.excludesFile", str(tree.top.parent / "mine")), ("status.showUntrackedFiles", "no"),
    ])  # fmt: skip
    (tree.top.parent / "mine").write_text("*.txt\n")
    tree.git("config", key, value)


EVENTS: tuple[Callable[[Tree], None], ...] = (
    edit, edit, edit, same_length, touch, touch, remove, rename, stage, stage, announce, unstage, commit, commit, commit,
    commit_staged, restore, restore, clean, ignore, ignore, ignore, executable, link, empty_folder, pipe, nested, submodule,
    edit_submodule, edit_submodule, pack, branch, conflict, marked, written_otherwise, setting,
)  # fmt: skip


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)


@pytest.mark.parametrize("seed", range(10 * int(os.environ.get("CHRONON_EXAMPLES", "1"))))
def test_revision_when_anything_happens_then_agrees_with_git(seed: int, tmp_path: Path) -> None:
    chance = random.Random(seed)
    tree = Tree(tmp_path / "tree", chance)
    history: list[str] = []
    for _ in range(22):
        for event in chance.choices(EVENTS, k=chance.randint(1, 3)):
            event(tree)
            history.append(event.__name__)
        tree.root.mkdir(exist_ok=True)

        for root in (tree.top, tree.root):
            found = revision_of(root)
            assert found == tree.expected(root), (history, tree.git("status", "--porcelain"))


def test_revision_when_in_another_work_tree_then_is_that_of_its_own(tmp_path: Path) -> None:
    tree = Tree(tmp_path / "tree", random.Random(0))
    tree.git("worktree", "add", "-q", "-b", "side", str(tmp_path / "side"))
    (tmp_path / "side/inside/a").write_text("side")
    tree.git("commit", "-qam", "side", at=tmp_path / "side")
    (tmp_path / "side/inside/a").write_text("side again")

    assert revision_of(tmp_path / "side") == tree.expected(tmp_path / "side")
    assert revision_of(tree.top) == tree.expected(tree.top)
    assert revision_of(tree.top)[:12] != revision_of(tmp_path / "side")[:12]


def test_revision_when_only_a_file_elsewhere_differs_then_is_the_commit(tmp_path: Path) -> None:
    tree = Tree(tmp_path / "tree", random.Random(0))
    tree.write("outside", "other")

    assert revision_of(tree.root) == tree.git("rev-parse", "HEAD")[:12]
    assert revision_of(tree.top).endswith("+")


def test_revision_when_a_file_is_written_in_the_tick_of_the_index_then_is_seen(tmp_path: Path) -> None:
    tree = Tree(tmp_path / "tree", random.Random(0))
    tree.git("add", "-A")
    (tree.root / "a").write_text("inside/b")  # as long as it was, and as old as the index
    written = (tree.top / ".git/index").stat().st_mtime_ns
    os.utime(tree.root / "a", ns=(written, written))

    assert revision_of(tree.root).endswith("+")


def test_revision_when_the_index_is_not_understood_then_counts_as_different(tmp_path: Path) -> None:
    tree = Tree(tmp_path / "tree", random.Random(0))
    (tree.top / ".git/index").write_bytes(b"DIRC\0\0\0\x09")

    assert revision_of(tree.root) == tree.git("rev-parse", "HEAD")[:12] + "+"


def test_revision_when_nothing_is_committed_then_is_empty(tmp_path: Path) -> None:
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)

    assert revision_of(tmp_path) == ""


def test_revision_when_outside_git_then_is_empty(tmp_path: Path) -> None:
    assert revision_of(tmp_path) == ""
