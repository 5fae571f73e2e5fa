"""Synthetic candidates; names are put together at random and region codes are not in use."""

from collections.abc import Sequence
from datetime import date, timedelta

import numpy as np

from ..roster.candidate import Candidate, Roster
from ..roster.identity import Person
from ..typing import Rng, generator

_SURNAMES = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜"
_GIVEN = "文明志强建国秀英海燕晓东丽华伟民玉兰国庆春梅永康家宁思远雨晴子涵浩然静怡俊杰"
_POSTS = ("综合行政执法员", "案件审核员", "执法队长", "内勤")
_NO_REGION = "990101"
"""No such division code exists, so no number made here can be a person's."""


def identity_number(birth: date, serial: int) -> str:
    """Return a number with a right check digit (GB 11643) in a region that does not exist."""
    body = f"{_NO_REGION}{birth:%Y%m%d}{serial % 1000:03d}"
    weight = 1
    total = 0
    # Weights are powers of two modulo 11 counted from the right: ISO 7064 MOD 11-2.
    for digit in reversed(body):
        weight = weight * 2 % 11
        total += weight * int(digit)
    check = (12 - total % 11) % 11
    return body + ("X" if check == 10 else str(check))


def synthetic_roster(
    people: int, units: Sequence[str], *, rng: Rng, prefix: str = "2026", spread: float = 0.4
) -> Roster:
    """Make candidates spread unevenly over units.

    Parameters
    ----------
    people, units
        How many candidates, and the names of the units; every unit gets at least one.
    rng
        Seed or generator.
    prefix
        Candidate numbers are this and four digits.
    spread
        Standard deviation of the logarithm of unit sizes.

    Raises
    ------
    ValueError
        If there are fewer people than units.
    """
    if people < len(units) or not units:
        raise ValueError("need at least one person for each unit, and one unit")
    random = generator(rng)
    share = np.exp(random.normal(0, spread, len(units)))
    extra = random.multinomial(people - len(units), share / share.sum())
    homes = np.repeat(np.arange(len(units)), extra + 1)
    candidates, persons = [], {}
    for number, home in enumerate(homes.tolist(), 1):
        code = f"{prefix}{number:04d}"
        given = "".join(random.choice(list(_GIVEN), int(random.integers(1, 3))))
        name = str(random.choice(list(_SURNAMES))) + given
        birth = date(1970, 1, 1) + timedelta(days=int(random.integers(0, 12_000)))
        groups = {"单位": units[home], "岗位": str(random.choice(_POSTS))}
        candidates.append(Candidate(code, groups))
        persons[code] = Person(name, identity_number(birth, number))
    return Roster(tuple(candidates), persons)
