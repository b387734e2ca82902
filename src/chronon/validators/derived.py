"""What derivations read: columns of the join, and by mistake other derivations, which would look like unknown columns."""

from __future__ import annotations

from chronon.expressions import Expression, ExpressionError, analyse
from chronon.expressions.errors import UNKNOWN_COLUMN
from chronon.model.specs import JoinSpec
from chronon.model.types import DataType, Scalar
from chronon.validators.context import Context
from chronon.validators.sites import ExpressionSite, Role, wrong


def derivation_reads(context: Context, join: JoinSpec) -> frozenset[str]:
    """The columns that the derivations of a join name, as they are called today."""
    base = context.join(join).base
    typed = (context.typed(one.expression, base) for one in join.derivations if one.name != "*")
    return frozenset(base.aliases.get(name, name) for one in typed if isinstance(one, Expression) for name in one.reads)


def derived_reads(context: Context, site: ExpressionSite) -> tuple[str, ...]:
    """The other derivations that an expression reads; none when it is wrong for another reason."""
    error = wrong(context, site)
    if site.role is not Role.DERIVATION or error is None or error.code != UNKNOWN_COLUMN:
        return ()
    others = _derived(context, context.repository.joins[site.header.id])
    try:
        reads = analyse(site.sql, {**others, **site.columns.known}).reads
    except ExpressionError:
        return ()
    return tuple(name for name in reads if name in others and name not in site.columns.types)


def _derived(context: Context, join: JoinSpec) -> dict[str, DataType]:
    """The derivations by name; a type that is not certain is taken for a number."""
    base = context.join(join).base
    names = ((one.name, one.expression) for one in join.derivations if one.name != "*")
    return {name: context.type_of(sql, base) or Scalar.DOUBLE for name, sql in names}
