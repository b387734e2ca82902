"""Runs the command line under an audit hook that ends the process at the first thing a check may not do.

Usage: audited.py REPOSITORY VERB ARGUMENTS…
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

FORBIDDEN = (
    "socket.", "subprocess.", "os.system", "os.exec", "os.fork", "os.forkpty", "os.posix_spawn", "os.spawn", "pty.spawn",
    "shutil.", "os.remove", "os.rename", "os.rmdir", "os.mkdir", "os.link", "os.symlink", "os.truncate", "os.chmod",
    "pickle.find_class", "urllib.", "http.", "ftplib.", "smtplib.", "ctypes.dlopen",
)  # fmt: skip
IMPORTING = ("importlib._bootstrap_external", "_frozen_importlib_external")
"""Who may read code as data: the modules of Python that load what was compiled before."""
WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


def watch(repository: Path) -> None:
    """From here on, everything forbidden ends the process with code 99."""
    own = tuple(os.environ[name] for name in ("XDG_CACHE_HOME", "XDG_STATE_HOME"))
    home = (str(repository / ".chronon"), *own)

    def hook(event: str, args: tuple[object, ...]) -> None:
        problem = ""
        if event == "open" and isinstance(args[2], int) and args[2] & WRITES and not isinstance(args[0], int):
            path = os.path.realpath(str(args[0]))  # a descriptor was judged when it was opened
            problem = "" if path.startswith(home) or path == "/dev/null" else f"writes {path}"
        elif event == "import" and isinstance(args[1], str):
            problem = f"imports {args[1]}" if args[1].startswith(str(repository)) else ""
        elif event == "exec" and getattr(args[0], "co_filename", "").startswith(str(repository)):
            problem = "runs code of the repository"
        elif event == "ctypes.dlopen" and args[0] is None:
            return  # the program itself, which importing ctypes opens: no library is loaded (numpy, below pyarrow, does)
        elif event in ("os.mkdir", "os.remove", "os.rename") and str(args[0]).startswith(home):
            return
        elif event == "marshal.loads" and sys._getframe(1).f_globals["__name__"] not in IMPORTING:
            problem = "reads data as code"
        elif event.startswith(FORBIDDEN):
            problem = f"{event} {args}"
        if problem:
            os.write(2, f"AUDIT {problem}\n".encode())
            os._exit(99)

    sys.addaudithook(hook)


def main() -> None:
    repository = Path(sys.argv[1]).resolve()
    sys.dont_write_bytecode = True
    watch(repository)
    from chronon.cli.app import run

    sys.exit(run(sys.argv[2:]))


if __name__ == "__main__":
    main()
