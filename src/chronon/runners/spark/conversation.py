"""Questions to the child that owns Spark and what it answers, several at once: a line of JSON each, with the number of its question."""

from __future__ import annotations

import json
import subprocess
import threading
from collections.abc import Mapping
from contextlib import suppress
from itertools import count
from queue import SimpleQueue
from typing import Any

from chronon.runners.engine import Progress

READY = 0
"""The number of what the child says of itself: a line without a question, once Spark has started."""

_END_S = 9.0
"""How long a child may take to end its jobs: an apply that was interrupted waits for ten seconds."""

Line = dict[str, Any]


class EndedError(Exception):
    """The child has ended, and with it what it was asked."""


class Conversation:
    """With a child, from as many threads as there are questions. One thread hears the child and hands on each line."""

    def __init__(self, child: subprocess.Popen[str]) -> None:
        self._child = child
        self._lock = threading.Lock()
        self._numbers = count(READY + 1)
        self._first = threading.Event()
        self._waiting: dict[int, SimpleQueue[Line | None]] = {}
        self._is_ready = self._has_ended = False
        self._hearing = threading.Thread(target=self._hear, name="hears a child", daemon=True)
        self._hearing.start()

    def ready(self) -> None:
        """Wait until the child can be asked. Errors: EndedError when it ended before it could, however often one asks."""
        self._first.wait()
        if not self._is_ready:
            raise EndedError

    def ask(self, question: Mapping[str, str]) -> int:
        """Put a question; its number. Errors: EndedError when the child had ended before."""
        with self._lock:
            number = next(self._numbers)
            if self._has_ended or self._child.stdin is None:
                raise EndedError
            self._waiting[number] = SimpleQueue()  # before the child can answer
            try:
                self._child.stdin.write(json.dumps({"number": number, **question}) + "\n")
                self._child.stdin.flush()
            except (BrokenPipeError, ValueError):  # it ended, or was closed by who stops the apply
                raise EndedError from None
        return number

    def answer(self, number: int, progress: Progress) -> Line:
        """Wait for the answer to a question. Errors: EndedError when the child ends before it answers."""
        heard = self._waiting[number]
        while (line := heard.get()) is not None and "progress" in line:
            progress(line["progress"])
        with self._lock:
            del self._waiting[number]
        if line is None:
            raise EndedError
        return line

    def close(self) -> None:
        """End the child, and the jobs that it still runs."""
        with suppress(BrokenPipeError):  # it may have ended by itself
            if self._child.stdin is not None:
                self._child.stdin.close()
        try:
            self._child.wait(timeout=_END_S)
        except subprocess.TimeoutExpired:
            self._child.kill()
            self._child.wait()
        self._hearing.join(timeout=_END_S)  # longer only where something else holds the pipe

    def _hear(self) -> None:
        if self._child.stdout is not None:
            with self._child.stdout as lines:
                for text in lines:
                    line = json.loads(text)
                    if line["number"] == READY:
                        self._is_ready = True
                        self._first.set()
                    else:
                        self._waiting[line["number"]].put(line)
        with self._lock:
            self._has_ended = True
            for heard in self._waiting.values():
                heard.put(None)
        self._first.set()
