"""Which numbers may be sent now: what a volunteer's own words are compared with before they go out (PR13)."""

from datetime import datetime

from triage.directory_model import Directory, Kind, Mode, Resource
from triage.directory_places import reach
from triage.directory_standing import Standing, day_of, last_resort, standing


def sendable_numbers(
    directory: Directory, *, region: str | None, desk_country: str | None, now: datetime, mode: str
) -> frozenset[str]:
    """Digits of every number that the directory would send to this place now.

    Numbers of another country count only as they are rung from anywhere, with a `+`: equal digits there are
    another service. A written number is to be brought to the same form first: digits alone, `+` kept.
    """
    numbers: set[str] = set()
    for rows in directory.by_country.values():
        for row in rows:
            if _may_be_sent(row, now, Mode(mode)):
                near = reach(row, region, desk_country) is not None
                numbers |= {one for one in _numbers(row) if near or one.startswith("+")}
    return frozenset(numbers)


def _may_be_sent(row: Resource, now: datetime, mode: Mode) -> bool:
    today = day_of(row, now)
    if standing(row, today, mode) is not Standing.WITHHELD:
        return True
    return row.kind is Kind.EMERGENCY and last_resort(row, today) is not Standing.WITHHELD


def _numbers(row: Resource) -> set[str]:
    written = (row.phone, row.display, row.sms, row.whatsapp)
    return {digits for number in written if (digits := _digits(number)).strip("+")}


def _digits(number: str) -> str:
    plain = "".join(sign for sign in number if sign.isascii() and sign.isdigit())
    return f"+{plain}" if number.startswith("+") else plain
