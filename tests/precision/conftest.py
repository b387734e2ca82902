"""Makes the cases and the builders of plans importable."""

from __future__ import annotations

import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent / "planners"), str(HERE.parent / "soundness")]
