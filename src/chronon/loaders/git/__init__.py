"""What git knows of a folder, read from its files: no process is started, and nothing is written."""

from __future__ import annotations

from chronon.loaders.git.changes import differs
from chronon.loaders.git.places import GitFolder, folder_around

__all__ = ["GitFolder", "differs", "folder_around"]
