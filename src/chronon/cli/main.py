"""The entry point: answers `--version` before anything else is imported, and what is asked all day before the parser is."""

from __future__ import annotations

import sys

from chronon import __version__


def main() -> None:
    """Run the command line of this process and leave with its exit code."""
    arguments = sys.argv[1:]
    if arguments == ["--version"]:
        print(f"chronon {__version__}")
        return
    from chronon.cli.everyday import everyday

    code = everyday(arguments)
    if code is None:
        from chronon.cli.app import run

        code = run(arguments)
    sys.exit(code)


if __name__ == "__main__":
    main()
