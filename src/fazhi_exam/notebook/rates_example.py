"""A small simulated province to try the pass-rate panel on; nobody in it is real (示例)."""

import tempfile
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from ..certification import Register, StaffMember
from ..simulate.certificates import synthetic_register
from ..simulate.province import write_province


@dataclass(frozen=True)
class ExampleProvince:
    """Folder of facts, register of certificates with its staff, and the day they stand at."""

    folder: Path
    register: Register
    staff: tuple[StaffMember, ...]
    on: date


def example_province(
    folder: str | Path | None = None, *, attempts: int = 20_000, units: int = 60
) -> ExampleProvince:
    """Make two years of monthly sittings and a register.

    Parameters
    ----------
    folder
        Where the facts go; a new temporary folder by default.
    attempts, units
        How many rows and units.
    """
    where = Path(folder) if folder else Path(tempfile.mkdtemp(prefix="fazhi_exam_")) / "模拟全省"
    write_province(where, attempts=attempts, units=units, months=24, rng=6)
    on = date(2026, 12, 31)
    names = [f"第{k + 1:03d}单位" for k in range(units)]
    register, staff = synthetic_register(20 * units, names, on=on, rng=6)
    return ExampleProvince(where, register, staff, on)
