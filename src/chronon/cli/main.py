"""The entry point: answers `--version` before anything else is imported."""

from __future__ import annotations

import sys

from chronon import __version__


def main() -> None:
    """Run the command line of this process and leave with its exit code."""
    arguments = sys.argv[1:]
    if arguments == ["--version"]:
        print(f"chronon {__version__}")
        return
    from chronon.cli.app import run

    sys.exit(run(arguments))


if __name__ == "__main__":
    main()
