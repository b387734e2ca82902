"""State stores: what is deployed, computed and being applied. Importing this loads no backend."""

from __future__ import annotations

from chronon.stores.state.contract import (
    Approval,
    Lease,
    LogBreak,
    LogEntry,
    LogKind,
    PlanRecord,
    PlanStatus,
    StateStore,
    StepRecord,
    StepStatus,
    open_state,
    state_backends,
)

__all__ = [
    "Approval",
    "Lease",
    "LogBreak",
    "LogEntry",
    "LogKind",
    "PlanRecord",
    "PlanStatus",
    "StateStore",
    "StepRecord",
    "StepStatus",
    "open_state",
    "state_backends",
]
