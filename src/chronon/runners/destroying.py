"""Takes an environment away: first what readers are led by, then its pointers. Data and history stay."""

from __future__ import annotations

from collections.abc import Callable

from chronon.runners.deployment import Deployment
from chronon.runners.lock import NONE as NO_PATIENCE
from chronon.runners.lock import Patience, locked
from chronon.stores.kv.layout import metadata_prefix


def destroy(
    deployment: Deployment,
    environment: str,
    *,
    why: str,
    holder: str,
    clock: Callable[[], float],
    patience: Patience = NO_PATIENCE,
) -> bool:
    """Destroy an environment; whether it was there. Interrupted, it can be done again. Errors: CHR-K010 the lock is held."""
    with locked(deployment.state, deployment.home, holder=holder, clock=clock, patience=patience) as lease:
        deployment.kv.replace(metadata_prefix(environment), ())
        return deployment.state.destroy(lease, environment, clock(), why)
