"""Lists, maps, structs, decimals, days and bytes through the whole line: what is fetched is the training row, bit by bit.

Batch ends on 3 May 00:00; the baskets of the 3rd and 4th reach the fetcher only through Flink's tiles.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from baskets import STREAMED, a_repository, visits_of

from chronon.loaders.config import load_config
from chronon.model.time import Millis
from chronon.runners.deployment import open_deployment
from chronon.runners.training import rows_of, training_rows
from chronon.serving import Fetcher, Request
from chronon.serving.comparison import is_same

pytestmark = pytest.mark.engine

Row = Mapping[str, object]


def chronon(root: Path, *arguments: str) -> None:
    command = [Path(sys.executable).with_name("chronon"), *arguments]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]


@pytest.fixture(scope="module", params=["local", "spark"])
def pairs(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> list[tuple[Row, Row]]:
    """What was fetched for every visit of the streamed days, and its training row."""
    engine, root = request.param, a_repository(tmp_path_factory.mktemp(request.param))
    config, _findings = load_config(root)
    assert config is not None
    chronon(root, "apply", "--target", engine, "--as-of", "2024-05-02", "--yes")
    asked = [visit for day in STREAMED for visit in visits_of(root, day)]
    requests = [Request(keys={"user": v["user"], "visit": v["visit"]}, at=Millis(int(str(v["ms"])))) for v in asked]
    with open_deployment(config, engine) as deployment:
        served = [one.values for one in Fetcher(deployment.kv, "prod").fetch("shop.visit", requests)]
    chronon(root, "apply", "--target", engine, "--as-of", "2024-05-04", "--yes")
    with open_deployment(config, engine) as deployment:
        rows = rows_of(training_rows(deployment, "prod", "shop.visit"))
    trained = {(row["ds"], row["visit"]): row for row in rows}
    return [(one, trained[visit["ds"], visit["visit"]]) for one, visit in zip(served, asked, strict=True)]


def test_every_fetched_value_is_the_training_value(pairs: list[tuple[Row, Row]]) -> None:
    names = [name for name in pairs[0][0] if name.startswith("shop_basket_")]

    different = [
        (name, trained["ts"], trained[name], served[name])
        for served, trained in pairs
        for name in names
        if not is_same(served[name], trained[name])
    ]

    assert not different, f"{len(different)}: {different[:5]}"
    assert len(names) > 80
    assert len(pairs) == 120


def test_every_feature_has_values_and_most_change_from_visit_to_visit(pairs: list[tuple[Row, Row]]) -> None:
    names = [name for name in pairs[0][0] if name.startswith("shop_basket_")]
    kinds = {name: len({repr(trained[name]) for _, trained in pairs if trained[name] is not None}) for name in names}

    assert not [name for name in names if not kinds[name]]
    assert sum(count > 10 for count in kinds.values()) > 0.8 * len(names)
