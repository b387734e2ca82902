"""Whether files differ from the commit that is checked out: what `git status --porcelain` would list, or nothing.

Contents are compared where git would have looked into them. Filters of attributes are programs, and are not run: a file that
only they make equal counts as other.
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from chronon.loaders.git.ignoring import Rules, is_ignored, rules_in
from chronon.loaders.git.index import Entry, Index, read_index
from chronon.loaders.git.places import GitFolder, folder_at

_FOLDER, _LINK, _COMMIT = 0o040000, 0o120000, 0o160000
_EXECUTABLE = 0o100755
_SIZE = 0xFFFFFFFF


def differs(folder: GitFolder, root: Path) -> bool:
    """Whether something below a folder of the work tree is staged, edited, gone or new. Errors: UnreadableError."""
    index = read_index(folder.own / "index")
    below = os.fsencode(root.relative_to(folder.top))
    prefix = b"" if below == b"." else below + b"/"
    entries = [entry for entry in index.entries if entry.path.startswith(prefix)]
    return (
        not all(entry.is_plain for entry in entries)
        or _is_staged(folder, index, entries, prefix)
        or any(_is_edited(folder, entry, index.written) for entry in _looked_at(entries))
        or _has_new(folder, root, {entry.path: entry.mode for entry in entries})
    )


def _looked_at(entries: Collection[Entry]) -> Iterator[Entry]:
    return (entry for entry in entries if not entry.is_sure and entry.mode != _FOLDER)


def _is_staged(folder: GitFolder, index: Index, entries: Collection[Entry], prefix: bytes) -> bool:
    """Whether the index holds something else below a prefix than the commit does."""
    commit = folder.head()
    tree = None if commit is None else _subtree(folder, folder.tree_of(commit), prefix)
    if tree is None:
        return bool(entries)
    if index.trees.get(prefix.removesuffix(b"/")) == tree:
        return False
    committed = dict(_files(folder, tree, prefix, {entry.path for entry in entries if entry.mode == _FOLDER}))
    return committed != {entry.path: (entry.mode, entry.sha) for entry in entries}


def _subtree(folder: GitFolder, tree: bytes, prefix: bytes) -> bytes | None:
    found: bytes | None = tree
    for name in prefix.split(b"/")[:-1]:
        inside = {} if found is None else {each: (mode, sha) for each, mode, sha in _listed(folder.object(found))}
        mode, sha = inside.get(name, (0, None))
        found = sha if mode == _FOLDER else None
    return found


def _files(
    folder: GitFolder, tree: bytes, prefix: bytes, whole: Collection[bytes]
) -> Iterator[tuple[bytes, tuple[int, bytes]]]:
    """Path → mode and object of everything in a tree. whole: folders that the index has as one entry."""
    for name, mode, sha in _listed(folder.object(tree)):
        path = prefix + name
        if mode == _FOLDER and path + b"/" in whole:
            yield path + b"/", (mode, sha)
        elif mode == _FOLDER:
            yield from _files(folder, sha, path + b"/", whole)
        else:
            yield path, (mode, sha)


def _listed(content: bytes) -> Iterator[tuple[bytes, int, bytes]]:
    place = 0
    while place < len(content):
        blank = content.index(b" ", place)
        end = content.index(b"\0", blank)
        yield content[blank + 1 : end], int(content[place:blank], 8), content[end + 1 : end + 21]
        place = end + 21


def _is_edited(folder: GitFolder, entry: Entry, written: int) -> bool:
    """Whether a file of the work tree is not what the index says. written: when the index was, in nanoseconds."""
    path = os.path.join(os.fsencode(folder.top), entry.path)  # noqa: PTH118 - thousands of them
    try:
        found = os.lstat(path)
    except (FileNotFoundError, NotADirectoryError):
        return True
    if entry.mode == _COMMIT:
        return not stat.S_ISDIR(found.st_mode) or _is_moved(Path(os.fsdecode(path)), entry)
    if stat.S_ISLNK(found.st_mode) != (entry.mode == _LINK) or not stat.S_ISREG(found.st_mode) | stat.S_ISLNK(
        found.st_mode
    ):
        return True
    if _stat_of(found) == entry.stat and found.st_mtime_ns < written:
        return _mode_differs(folder, found, entry)
    return _mode_differs(folder, found, entry) or not _holds(folder, path, entry)


def _stat_of(found: os.stat_result) -> tuple[int, int, int, int, int, int]:
    change, change_ns = divmod(found.st_ctime_ns, 10**9)
    written, written_ns = divmod(found.st_mtime_ns, 10**9)
    return change & _SIZE, change_ns, written & _SIZE, written_ns, found.st_ino & _SIZE, found.st_size & _SIZE


def _mode_differs(folder: GitFolder, found: os.stat_result, entry: Entry) -> bool:
    if entry.mode == _LINK or bool(found.st_mode & stat.S_IXUSR) == (entry.mode == _EXECUTABLE):
        return False
    return _is_on(folder.settings(), "core.filemode", otherwise=True)


def _is_on(settings: Mapping[str, str], key: str, *, otherwise: bool) -> bool:
    return settings[key].lower() in {"true", "yes", "on", "1"} if key in settings else otherwise


def _holds(folder: GitFolder, path: bytes, entry: Entry) -> bool:
    """Whether a file has the content that the index names, as it is or with its ends of lines as git stores them."""
    file = Path(os.fsdecode(path))
    content = os.fsencode(file.readlink()) if entry.mode == _LINK else file.read_bytes()
    if _blob(content) == entry.sha:
        return True
    if entry.mode == _LINK or b"\r\n" not in content or not _converts(folder):
        return False
    return _blob(content.replace(b"\r\n", b"\n")) == entry.sha


def _blob(content: bytes) -> bytes:
    return hashlib.sha1(b"blob %d\0%b" % (len(content), content), usedforsecurity=False).digest()


def _converts(folder: GitFolder) -> bool:
    """Whether ends of lines are converted somewhere: asked only where they decide."""
    if folder.settings().get("core.autocrlf", "false").lower() in {"true", "input"}:
        return True
    return (folder.common / "info/attributes").exists() or any(folder.top.rglob(".gitattributes"))


def _is_moved(path: Path, entry: Entry) -> bool:
    """Whether a submodule has another commit, or something in it differs from that."""
    inside = folder_at(path)
    if inside is None:
        return False
    commit = inside.head()
    return commit is None or bytes.fromhex(commit) != entry.sha or differs(inside, path)


@dataclass(frozen=True, slots=True)
class _Search:
    """Looks for files that nobody has told git of. tracked: path → mode.  folders: with something tracked in them."""

    top: bytes
    tracked: Mapping[bytes, int]
    folders: Collection[bytes]

    def finds(self, below: bytes, chain: tuple[Rules, ...]) -> bool:
        """Whether there is one in a folder, given with a slash behind it. chain: the patterns that hold above it."""
        own = rules_in(Path(os.fsdecode(self.top + below + b".gitignore")), os.fsdecode(below))
        chain = (*chain, own) if own else chain
        try:
            entries = list(os.scandir(self.top + below))
        except PermissionError:
            return False
        return any(self._is_new(entry, below + entry.name, chain) for entry in entries if entry.name != b".git")

    def _is_new(self, entry: os.DirEntry[bytes], path: bytes, chain: tuple[Rules, ...]) -> bool:
        if path in self.tracked:
            return False
        is_folder = entry.is_dir(follow_symlinks=False)
        if not is_folder and not (entry.is_file(follow_symlinks=False) or entry.is_symlink()):
            return False
        if is_ignored(os.fsdecode(path), chain, is_folder=is_folder):
            return False
        if not is_folder or (path not in self.folders and folder_at(Path(os.fsdecode(entry.path)))):
            return True
        return self.finds(path + b"/", chain)


def _has_new(folder: GitFolder, root: Path, tracked: Mapping[bytes, int]) -> bool:
    """Whether a file below a folder is in no index and not left out."""
    chain = tuple(_wide(folder))
    below = root.relative_to(folder.top)
    for above in reversed([one for one in below.parents if below != Path()]):
        inside = "" if above == Path() else f"{above}/"
        own = rules_in(folder.top / above / ".gitignore", inside)
        chain = (*chain, own) if own else chain
        following = inside + below.relative_to(above).parts[0]
        if is_ignored(following, chain, is_folder=True):
            return False
    folders = {path[:place] for path in tracked for place, byte in enumerate(path) if byte == _SLASH}
    start = b"" if below == Path() else os.fsencode(below) + b"/"
    return _Search(os.fsencode(folder.top) + b"/", tracked, folders).finds(start, chain)


_SLASH = ord("/")


def _wide(folder: GitFolder) -> Iterator[Rules]:
    """The patterns that hold everywhere: the user's, then the repository's own."""
    home = Path(os.environ.get("HOME", "/nowhere"))
    otherwise = Path(os.environ.get("XDG_CONFIG_HOME") or home / ".config") / "git/ignore"
    named = folder.settings().get("core.excludesfile")
    files = (Path(named.replace("~", str(home), 1) if named.startswith("~") else named) if named else otherwise,)
    for file in (*files, folder.common / "info/exclude"):
        if rules := rules_in(file, ""):
            yield rules
