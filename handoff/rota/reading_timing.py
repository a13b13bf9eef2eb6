"""When a line of a rota document is: days of the week or a rule, from and to, and for how long it holds."""

import re
from collections.abc import Mapping
from datetime import date, datetime, time
from typing import Final

from handoff.document import Node
from handoff.rota.recurrence import BadRule, Frequency, Rule, read_rule
from handoff.rota.timing import MONDAY_FIRST, Timing

TIMING_KEYS: Final = (
    *("days", "rule", "first", "from", "to", "days_later"),
    *("also", "not_on", "valid_from", "valid_to"),
)
MOST_DAYS: Final = 366
_DAYS: Final = {name: number for number, name in enumerate(MONDAY_FIRST)}
_WALL: Final = re.compile(r"([01]\d|2[0-3]):([0-5]\d)(?::([0-5]\d))?")


def read_timing(line: Node, fields: Mapping[str, Node]) -> Timing | None:
    """The timing that a line's fields state; None when something in it is wrong, which is complained of."""
    days = fields["days"].each(lambda day: day.one_of(_DAYS)) if "days" in fields else ()
    rule, first = _rule(line, fields)
    starts = _wall(fields["from"]) if "from" in fields else None
    ends = _wall(fields["to"], closing=True) if "to" in fields else None
    valid_from, valid_to = _validity(fields)
    later = _days_later(fields.get("days_later"))
    if "days" in fields and fields["days"].value == []:
        fields["days"].complain("a shift needs at least one day")
    if "days" not in fields and "rule" not in fields:
        line.complain("the key 'days' is missing")
    for name in ("from", "to"):
        if name not in fields:
            line.complain(f"the key {name!r} is missing")
    if starts is None or ends is None or not (days or (rule is not None and first is not None)):
        return None
    if later == 0 and ends <= starts:
        fields["days_later"].complain("it ends before it begins: leave days_later out, or write 1 or more")
        return None
    also = fields["also"].each(Node.day) if "also" in fields else ()
    not_on = fields["not_on"].each(Node.day) if "not_on" in fields else ()
    return Timing(
        days=frozenset(days),
        starts=starts,
        ends=ends,
        days_later=later,
        rule=rule,
        first=first,
        also=tuple(sorted(set(also))),
        but_not=frozenset(not_on),
        valid_from=valid_from,
        valid_to=valid_to,
    )


def _rule(line: Node, fields: Mapping[str, Node]) -> tuple[Rule | None, date | None]:
    node = fields.get("rule")
    first = fields["first"].day() if "first" in fields else None
    if node is None:
        if "first" in fields:
            fields["first"].complain("'first' goes with 'rule'; for days of the week write valid_from")
        return None, first
    if "days" in fields:
        fields["days"].complain("'days' and 'rule' exclude each other")
    if "first" not in fields:
        line.complain("the key 'first' is missing: the day from which the rule counts")
    text = node.word()
    if text is None:
        return None, first
    try:
        rule = read_rule(text)
    except BadRule as fault:
        node.complain(str(fault))
        return None, first
    if isinstance(rule.until, datetime):
        node.complain("write UNTIL as a day, such as UNTIL=20260630")
    if rule.frequency > Frequency.HOURLY:
        node.complain("a shift does not recur by the minute")
    return rule, first


def _wall(node: Node, *, closing: bool = False) -> time | None:
    if closing and node.value == "24:00":
        return time(0, 0)
    match = _WALL.fullmatch(node.value) if isinstance(node.value, str) else None
    if match is None:
        node.complain("expected a time of day in quotes, such as '08:30'")
        return None
    return time(int(match[1]), int(match[2]), int(match[3] or 0))


def _days_later(node: Node | None) -> int | None:
    number = None if node is None else node.whole()
    if node is not None and number is not None and not 0 <= number <= MOST_DAYS:
        node.complain(f"expected a number of days from 0 to {MOST_DAYS}")
        return None
    return number


def _validity(fields: Mapping[str, Node]) -> tuple[date | None, date | None]:
    first = fields["valid_from"].day() if "valid_from" in fields else None
    last = fields["valid_to"].day() if "valid_to" in fields else None
    if first is not None and last is not None and last < first:
        fields["valid_to"].complain("valid_to lies before valid_from: this shift never happens")
    return first, last
