"""State stores: what is deployed, computed and being applied. Importing this loads no backend."""

from __future__ import annotations

from chronon.stores.state.contract import (
    RUNS_KEPT,
    Approval,
    Done,
    Failed,
    Lease,
    LogBreak,
    LogEntry,
    LogKind,
    PlanRecord,
    PlanStatus,
    Started,
    StateStore,
    StepRecord,
    StepStatus,
    Transition,
)
from chronon.stores.state.opening import open_state, state_backends

__all__ = [
    "RUNS_KEPT",
    "Approval",
    "Done",
    "Failed",
    "Lease",
    "LogBreak",
    "LogEntry",
    "LogKind",
    "PlanRecord",
    "PlanStatus",
    "Started",
    "StateStore",
    "StepRecord",
    "StepStatus",
    "Transition",
    "open_state",
    "state_backends",
]
