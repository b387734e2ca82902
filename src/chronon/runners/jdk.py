"""Finds the Java that Spark and Flink run on."""

from __future__ import annotations

import os
import re
import shutil
import subprocess

from chronon.model.errors import ChrononError

WANTED = 17
_HINT = "install a JDK 17 (Debian: openjdk-17-jdk-headless) and put its java on PATH, or set JAVA_HOME"


def find_java() -> str:
    """Path of the `java` of JAVA_HOME or PATH.

    Errors: CHR-R003 when there is none; CHR-R004 when it is of another version.
    """
    home = os.environ.get("JAVA_HOME")
    java = shutil.which("java", path=os.path.join(home, "bin")) if home else shutil.which("java")  # noqa: PTH118
    if java is None:
        place = f"JAVA_HOME={home}" if home else "PATH"
        raise ChrononError("CHR-R003", f"Spark and Flink need a JDK {WANTED}, and there is no java in {place}", _HINT)
    answer = subprocess.run([java, "-version"], capture_output=True, text=True, check=False, timeout=60).stderr
    version = re.search(r'version "(\d+)', answer)
    if version is None or int(version[1]) != WANTED:
        found = version[1] if version else "of an unknown version"
        raise ChrononError("CHR-R004", f"Spark and Flink need a JDK {WANTED}, and {java} is {found}", _HINT)
    return java
