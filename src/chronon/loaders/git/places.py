"""Where git keeps what it knows of a work tree: its folder, references, objects, settings."""

from __future__ import annotations

import os
import re
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

_SHA = re.compile(r"[0-9a-f]{40}")
_SECTION = re.compile(r"""\[\s*([\w.-]+)\s*(?:"((?:[^"\\]|\\.)*)")?\s*\]""")
_MOST_LINKS = 5


class UnreadableError(Exception):
    """Something that git has written and that is not understood here: nothing is claimed of it. No user meets it."""


@dataclass(frozen=True, slots=True)
class GitFolder:
    """The folder of git of one work tree.

    top: of the work tree.  own: with HEAD and the index of this work tree.  common: with what all work trees share.
    """

    top: Path
    own: Path
    common: Path

    def head(self) -> str | None:
        """The commit that is checked out, in hexadecimal; None before the first one. Errors: UnreadableError."""
        name = "HEAD"
        for _ in range(_MOST_LINKS):
            text = self._reference(name)
            if text is None:
                return None
            if not text.startswith("ref:"):
                return _checked(text)
            name = text.removeprefix("ref:").strip()
        raise UnreadableError(f"{self.own}/HEAD leads through more than {_MOST_LINKS} names")

    def _reference(self, name: str) -> str | None:
        for folder in (self.own, self.common):
            file = folder / name
            if file.is_file():
                return file.read_text(encoding="utf-8", errors="surrogateescape").strip()
        return self._packed(name)

    def _packed(self, name: str) -> str | None:
        try:
            text = (self.common / "packed-refs").read_text(encoding="utf-8", errors="surrogateescape")
        except FileNotFoundError:
            return None
        pairs = (line.split(" ", 1) for line in text.splitlines() if line and line[0] not in "#^")
        return next((sha for sha, known in pairs if known == name), None)

    def tree_of(self, commit: str) -> bytes:
        """The tree of a commit. Errors: UnreadableError."""
        first = self.object(bytes.fromhex(commit)).partition(b"\n")[0]
        if not first.startswith(b"tree "):
            raise UnreadableError(f"{commit} is no commit")
        return bytes.fromhex(first[5:].decode())

    def object(self, sha: bytes) -> bytes:
        """The content of a commit or tree. Errors: UnreadableError."""
        name = sha.hex()
        try:
            loose = (self.common / "objects" / name[:2] / name[2:]).read_bytes()
        except FileNotFoundError:
            return self._stored(sha)
        return zlib.decompress(loose).partition(b"\0")[2]

    def _stored(self, sha: bytes) -> bytes:
        """Out of a pack, or of another repository that this one borrows from."""
        from gitdb.db.git import GitDB
        from gitdb.exc import ODBError

        try:
            content: bytes = GitDB(str(self.common / "objects")).stream(sha).read()
        except ODBError as cause:
            raise UnreadableError(f"object {sha.hex()} cannot be read") from cause
        return content

    def settings(self) -> Mapping[str, str]:
        """`section.key` → value, small letters, the nearest file last: of the system, the user, the repository, the work tree."""
        home = Path(os.environ.get("HOME", "/nowhere"))
        user = Path(os.environ.get("XDG_CONFIG_HOME") or home / ".config") / "git/config"
        system = () if os.environ.get("GIT_CONFIG_NOSYSTEM") else (Path("/etc/gitconfig"),)
        found: dict[str, str] = {}
        for file in (*system, user, home / ".gitconfig", self.common / "config", self.own / "config.worktree"):
            found |= _settings_in(file)
        return found


def folder_around(root: Path) -> GitFolder | None:
    """The folder of git of the work tree that a folder lies in; None outside."""
    for top in (root, *root.parents):
        if own := folder_at(top):
            return own
    return None


def folder_at(top: Path) -> GitFolder | None:
    """The folder of git of the work tree that begins there; None when none does."""
    own = top / ".git"
    if own.is_file():
        text = own.read_text(encoding="utf-8", errors="surrogateescape")
        if not text.startswith("gitdir:"):
            return None
        own = top / text.removeprefix("gitdir:").strip()
    if not (own / "HEAD").exists() and not (own / "HEAD").is_symlink():
        return None
    shared = own / "commondir"
    common = own / shared.read_text(encoding="utf-8").strip() if shared.is_file() else own
    return GitFolder(top, own, common) if (common / "objects").is_dir() and (common / "refs").is_dir() else None


def _checked(sha: str) -> str:
    if not _SHA.fullmatch(sha):
        raise UnreadableError(f"{sha!r} is no name of a commit that is understood here")
    return sha


def _settings_in(file: Path) -> dict[str, str]:
    try:
        text = file.read_text(encoding="utf-8", errors="replace")
    except (FileNotFoundError, NotADirectoryError, PermissionError):
        return {}
    found, section = dict[str, str](), ""
    for line in text.replace("\\\n", "").splitlines():
        stripped = line.strip()
        if match := _SECTION.match(stripped):
            section = match[1].lower() + (f".{match[2]}" if match[2] is not None else "")
            stripped = stripped[match.end() :].strip()
        if stripped and stripped[0] not in "#;":
            key, equals, value = stripped.partition("=")
            found[f"{section}.{key.strip().lower()}"] = _value(value) if equals else "true"
    return found


def _value(text: str) -> str:
    """A value without its quotes and the comment behind it."""
    kept, is_quoted = "", False
    for character in text.strip():
        if character == '"':
            is_quoted = not is_quoted
        elif character in "#;" and not is_quoted:
            break
        else:
            kept += character
    return kept.strip()
