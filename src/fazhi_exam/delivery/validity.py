"""How long something granted on a day is valid (有效期)."""

from datetime import date, timedelta


def last_valid_day(start: date, years: int) -> date:
    """Return the last day of a validity of whole years: valid through that day.

    Five years from 2022-11-01 end on 2027-10-31, as certificates are printed. From 29 February they
    end on 28 February of a common year.

    Raises
    ------
    ValueError
        If `years` is less than 1.
    """
    if years < 1:
        raise ValueError("a validity needs at least one year")
    try:
        after = start.replace(year=start.year + years)
    except ValueError:  # 29 February has no counterpart; the day after 28 February does
        after = date(start.year + years, 3, 1)
    return after - timedelta(days=1)
