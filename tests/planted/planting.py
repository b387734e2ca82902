"""Errors planted one by one, each with the place, the codes and the suggestion that a reader must get."""

from __future__ import annotations

import meaningless
import misshapen
from seeds import Planted
from soil import REPOSITORY

KINDS = {
    kind.__name__: kind
    for kind in (
        misshapen.field_typos,
        misshapen.missing_fields,
        misshapen.wrong_types,
        misshapen.enum_typos,
        misshapen.boolean_typos,
        misshapen.form_errors,
        misshapen.type_typos,
        misshapen.doubled_keys,
        misshapen.doubled_items,
        misshapen.empty_values,
        misshapen.syntax_errors,
        misshapen.own_names,
        meaningless.reference_typos,
        meaningless.version_errors,
        meaningless.replacement_typos,
        meaningless.expression_typos,
        meaningless.column_typos,
        meaningless.operation_errors,
        meaningless.operation_types,
        meaningless.window_errors,
        meaningless.ranges,
        meaningless.types_of_expressions,
        meaningless.empty_conditions,
        meaningless.doubtful_choices,
    )
}


def planted(kind: str) -> list[Planted]:
    """The errors of a kind, those that change nothing left out."""
    return [one for one in KINDS[kind]() if one.source != (REPOSITORY / one.file).read_text()]
