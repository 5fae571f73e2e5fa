"""From a blueprint to papers (组卷): blueprints, forms, draws that can be proved."""

from .blueprint import (
    Blueprint,
    Bound,
    Facet,
    Measure,
    Mode,
    OrderPolicy,
    Per,
    Row,
    Section,
    Selection,
    blueprint_from_rows,
    blueprint_to_rows,
)

__all__ = [
    "Blueprint",
    "Bound",
    "Facet",
    "Measure",
    "Mode",
    "OrderPolicy",
    "Per",
    "Row",
    "Section",
    "Selection",
    "blueprint_from_rows",
    "blueprint_to_rows",
]
