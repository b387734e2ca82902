"""The commit that a repository's files are of."""

from __future__ import annotations

from pathlib import Path


def revision_of(root: Path) -> str:
    """Short hash of the commit, with `+` behind it when files below the root differ from it; empty outside git."""
    if not any((folder / ".git").exists() for folder in (root.resolve(), *root.resolve().parents)):
        return ""
    from git import Repo
    from git.exc import GitError

    try:
        with Repo(root, search_parent_directories=True) as repo:
            if not repo.head.is_valid():
                return ""
            is_dirty = bool(repo.git.status("--porcelain", "--untracked-files=normal", "--", str(root.resolve())))
            commit: str = repo.head.commit.hexsha[:12]
            return f"{commit}+" if is_dirty else commit
    except GitError:
        return ""
