"""The commit that a repository's files are of."""

from __future__ import annotations

from pathlib import Path


def revision_of(root: Path) -> str:
    """Short hash of the commit, with `+` behind it when files below the root differ from it; empty outside git.

    What is not understood of the files of git counts as different. No process is started (`loaders/git`).
    """
    here = root.resolve()
    if not any((folder / ".git").exists() for folder in (here, *here.parents)):
        return ""
    from chronon.loaders.git import folder_around
    from chronon.loaders.git.changes import differs
    from chronon.loaders.git.places import UnreadableError

    folder = folder_around(here)
    if folder is None:
        return ""
    try:
        commit = folder.head()
    except UnreadableError:
        return ""
    if commit is None:
        return ""
    try:
        is_other = differs(folder, here)
    except UnreadableError:
        is_other = True
    return f"{commit[:12]}+" if is_other else commit[:12]
