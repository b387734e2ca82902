"""State stores: what is deployed, computed and being applied. Importing this loads no backend."""

from __future__ import annotations

from chronon.stores.state.contract import (
    Lease,
    LogEntry,
    PlanRecord,
    PlanStatus,
    StateStore,
    StepRecord,
    StepStatus,
    open_state,
    state_backends,
)

__all__ = [
    "Lease",
    "LogEntry",
    "PlanRecord",
    "PlanStatus",
    "StateStore",
    "StepRecord",
    "StepStatus",
    "open_state",
    "state_backends",
]
