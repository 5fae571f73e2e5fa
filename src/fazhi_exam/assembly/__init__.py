"""From a blueprint to papers (组卷): blueprints, forms, draws that can be proved."""

from .assemble import Assembly, FormReport, FormTargets, assemble
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
)
from .blueprint_table import blueprint_from_rows, blueprint_to_rows, blueprint_to_toml
from .borderline import ParityTarget, borderline_ability
from .deal import DealtPapers, deal, derive_paper, rehearse
from .draw import Draw, RevealedDraw, bank_manifest, commit_draw, seed_draw
from .exposure import (
    Exposure,
    KeyPositions,
    Overlap,
    exposure,
    key_positions,
    neighbour_overlap,
    overlap,
    overlap_matrix,
)
from .feasibility import CellSupply, Feasibility, feasibility
from .form import ExamForm, FormItem, FormSection
from .forms import (
    commit_forms,
    deal_forms,
    draw_form,
    draw_forms,
    draw_papers,
    form_blueprint,
    form_of,
    form_rosters,
)
from .integer_model import IntegerModel, LinearRow, integer_model
from .manifest import Manifest, RosterRow
from .paper import JoinedPapers, Paper, Papers
from .parity import BandSpread, Parity, parity, pass_chances, spread_from_bands
from .pool import Cell, Pool, Unit, Usage, drawable
from .swap import alternatives, swapped

__all__ = [
    "Assembly",
    "BandSpread",
    "Blueprint",
    "Bound",
    "Cell",
    "CellSupply",
    "DealtPapers",
    "Draw",
    "ExamForm",
    "Exposure",
    "Facet",
    "Feasibility",
    "FormItem",
    "FormReport",
    "FormSection",
    "FormTargets",
    "IntegerModel",
    "JoinedPapers",
    "KeyPositions",
    "LinearRow",
    "Manifest",
    "Measure",
    "Mode",
    "OrderPolicy",
    "Overlap",
    "Paper",
    "Papers",
    "Parity",
    "ParityTarget",
    "Per",
    "Pool",
    "RevealedDraw",
    "RosterRow",
    "Row",
    "Section",
    "Selection",
    "Unit",
    "Usage",
    "alternatives",
    "assemble",
    "bank_manifest",
    "blueprint_from_rows",
    "blueprint_to_rows",
    "blueprint_to_toml",
    "borderline_ability",
    "commit_draw",
    "commit_forms",
    "deal",
    "deal_forms",
    "derive_paper",
    "draw_form",
    "draw_forms",
    "draw_papers",
    "drawable",
    "exposure",
    "feasibility",
    "form_blueprint",
    "form_of",
    "form_rosters",
    "integer_model",
    "key_positions",
    "neighbour_overlap",
    "overlap",
    "overlap_matrix",
    "parity",
    "pass_chances",
    "rehearse",
    "seed_draw",
    "spread_from_bands",
    "swapped",
]
