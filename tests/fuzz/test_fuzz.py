"""The loader under coverage-guided fuzzing: no traceback, nothing that hangs. CHRONON_FUZZ_S makes it longer (`make soak`)."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

CASES = Path(__file__).parents[1] / "cases" / "checks"
SECONDS = int(os.environ.get("CHRONON_FUZZ_S", "60"))


@pytest.mark.slow
def test_loader_when_fuzzed_from_the_cases_then_never_raises(tmp_path: Path) -> None:
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    for number, file in enumerate(sorted(path for path in CASES.rglob("*.yaml") if path.is_file())):
        (corpus / f"seed{number}.yaml").write_bytes(file.read_bytes())

    log = tmp_path / "log.txt"
    with log.open("wb") as stream:
        ended = subprocess.run(
            [sys.executable, str(Path(__file__).with_name("loader_target.py")), str(corpus), str(SECONDS)],
            stdout=stream, stderr=stream, check=False, cwd=tmp_path,
        )  # fmt: skip

    told = log.read_text(errors="replace")
    assert ended.returncode == 0, told[-4000:]
    assert "Traceback" not in told
    assert int(re.findall(r"Done (\d+) runs", told)[0]) > 1_000
