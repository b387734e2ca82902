"""What `validate` and `plan` say, whoever has read their options."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from chronon.cli.keeping import NOTHING_ASIDE, Aside
from chronon.cli.terminal import paint_for
from chronon.cli.views.diagnostics import counts, diagnostic_lines, diagnostics_json
from chronon.cli.views.words import plural
from chronon.model.diagnostics import Diagnostic, Severity

if TYPE_CHECKING:
    from chronon.cli.reading import Reviewed
    from chronon.model.plan import Plan

APPLY = "chronon apply"
APPROVE = 'chronon plan --out FILE, then chronon approve FILE --reason "…"'


def has_errors(found: Sequence[Diagnostic]) -> bool:
    """Whether a finding is an error."""
    return any(one.severity is Severity.ERROR for one in found)


def tell_review(checked: Reviewed, seconds: float, *, as_json: bool) -> None:
    """Every finding of a repository on standard output, and how many definitions there are."""
    if as_json:
        print(diagnostics_json(checked.found, definitions=checked.definitions, seconds=round(seconds, 3)))
        return
    paint = paint_for(sys.stdout)
    for line in diagnostic_lines(checked.found, paint):
        print(line)
    mark = paint.bad if has_errors(checked.found) else paint.good
    print(f"{plural(checked.definitions, 'definition')} checked in {seconds:.2f} s: {mark(counts(checked.found))}")


def tell_findings(found: Sequence[Diagnostic], *, is_planned: bool, as_json: bool) -> None:
    """Every finding on standard error, before something else is told. is_planned: whether that follows."""
    if not found:
        return
    if as_json:
        print(diagnostics_json(found), file=sys.stderr)
        return
    paint = paint_for(sys.stderr)
    for line in diagnostic_lines(found, paint):
        print(line, file=sys.stderr)
    verdict = counts(found) if is_planned else f"nothing was planned: {counts(found)}"
    print((paint.warn if is_planned else paint.bad)(verdict), file=sys.stderr)


def tell_plan(
    plan: Plan,
    apply_with: str = APPLY,
    approve_with: str = APPROVE,
    *,
    aside: Aside = NOTHING_ASIDE,
    as_json: bool,
    verbose: bool = False,
) -> None:
    """A plan on standard output. …_with: the commands that follow.  aside: what is said besides."""
    if as_json:
        from chronon.cli.views.plan_json import plan_json

        sys.stdout.write(plan_json(plan))
        return
    from chronon.cli.views.plan_text import plan_text

    paint = paint_for(sys.stdout)
    text = plan_text(plan, paint=paint, verbose=verbose, apply_with=apply_with, approve_with=approve_with, aside=aside)
    sys.stdout.write(text)
