"""What happens to the rota in a year: sickness and cover, swaps, a holiday; and what must hold each day."""

import itertools
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from bot.services import audit, covering, hours, overriding, rota_records, shift_checks
from handoff import limits
from handoff.limits import OF_LIMITS, Force, Zones
from handoff.model import Duty, Refusal, Tier
from handoff.rota.absence import Absence
from handoff.rota.changes import Act, CancelInstance, Replace, Stretch, Swap
from handoff.rota.resolve import final_duty
from handoff.shifts import Wanted
from tests.year.house import YearTown
from tests.year.plan import DESKS, Member

SICK_A_DAY: Final = 0.1
SWAP_A_DAY: Final = 0.4
SAYS_YES: Final = 0.6
LOOKED_AHEAD: Final = timedelta(days=8)
HOLIDAY: Final = ("north", (12, 25))


@dataclass
class RotaDays:
    """The people who plan, and the one who checks."""

    town: YearTown
    dice: Random
    crews: dict[str, list[Member]]
    counted: Counter[str] = field(default_factory=Counter[str])
    nights: dict[str, set[float]] = field(default_factory=dict[str, set[float]])
    people: str = ""

    def begin(self, day: datetime) -> None:
        """A day begins: what changes, then whether everything holds for the day behind and the week ahead."""
        changed = False
        if self.dice.random() < SICK_A_DAY:
            changed |= self._falls_ill(day)
        if self.dice.random() < SWAP_A_DAY:
            changed |= self._swaps(day)
        if (day.month, day.day) == (HOLIDAY[1][0], HOLIDAY[1][1] - 7):
            changed |= self._closes(HOLIDAY[0], date(day.year, *HOLIDAY[1]))
        if changed:
            self.town.boards_anew()
        self._check(day)

    # --- what changes ----------------------------------------------------------------------------------
    def _falls_ill(self, day: datetime) -> bool:
        desk = self.dice.choice(list(DESKS))
        ill = self.dice.choice(self.crews[desk])
        until = day + timedelta(days=self.dice.randint(1, 4))
        mine = [duty for duty in self._duties(desk, day, until) if duty.volunteer == ill.alias]
        self.counted["sick"] += 1
        for duty in mine:
            self._finds_cover(desk, duty)
        identity = self.town.house.identifiers.new_id()
        absence = Absence(ill.alias, day, until)
        self.town.write(lambda c: rota_records.note_absence(c, self.town.house.vault, identity, absence, day))
        return True

    def _finds_cover(self, desk: str, duty: Duty) -> None:
        """Those who are asked first, one after the other; at last a coordinator lifts a limit for one."""
        town, wanted = self.town, Wanted(duty.tier, duty.start, duty.end, supervised=True)
        self.counted["cover.wanted"] += 1
        order = town.read(lambda c: covering.ask_in_order(c, town.house, desk, wanted, town.now))
        for person in order[:4]:
            town.write(lambda c, p=person: covering.note_asked(c, town.house, p, town.now))
            if self.dice.random() < SAYS_YES:
                self._append(
                    desk, Replace(Stretch(duty.volunteer, duty.start, duty.end), self._alias(person))
                )
                self.counted["cover.found"] += 1
                town.boards_anew()
                return
        if self.dice.random() < 0.5 and self._lifts_a_limit(desk, duty, wanted):
            return
        self.counted["cover.nobody"] += 1

    def _lifts_a_limit(self, desk: str, duty: Duty, wanted: Wanted) -> bool:
        """A coordinator lets somebody go over a limit, with a reason."""
        town = self.town
        for member in self.dice.sample(self.crews[desk], 6):
            person = town.ids[member.alias]
            against = town.read(
                lambda c, p=person: shift_checks.sign_up(c, town.house, desk, p, wanted, town.now)
            )
            hard = [one.code for one in against if one.force is Force.HARD and not one.overridden]
            if member.tier is not duty.tier or not hard or not set(hard) <= set(OF_LIMITS):
                continue
            for code in hard:
                town.write(lambda c, p=person, x=code: self._override(c, p, x, duty))
            self._append(desk, Replace(Stretch(duty.volunteer, duty.start, duty.end), member.alias))
            self.counted["cover.override"] += 1
            town.boards_anew()
            return True
        return False

    def _override(self, connection: Connection, person: str, code: Refusal, duty: Duty) -> None:
        span, why = (duty.start, duty.end), (self.town.ids["South 18"], "nobody else for the night")
        overriding.override(connection, self.town.house, person, code, span, why, self.town.now)

    def _swaps(self, day: datetime) -> bool:
        """Two of a desk and tier change places, if each may have what the other gives."""
        desk = self.dice.choice(list(DESKS))
        duties = [
            duty
            for duty in self._duties(desk, day + timedelta(days=2), day + timedelta(days=9))
            if duty.tier is Tier.PRIMARY
        ]
        self.counted["swap.wanted"] += 1
        for _ in range(6):
            a, b = self.dice.sample(duties, 2)
            if a.volunteer != b.volunteer and self._may(desk, a, b) and self._may(desk, b, a):
                both = (Stretch(a.volunteer, a.start, a.end), Stretch(b.volunteer, b.start, b.end))
                self._append(desk, Swap(*both))
                self.counted["swap.done"] += 1
                return True
        return False

    def _may(self, desk: str, gives: Duty, takes: Duty) -> bool:
        town, wanted = self.town, Wanted(takes.tier, takes.start, takes.end)
        person = town.ids[gives.volunteer]
        found = town.read(lambda c: shift_checks.take_over(c, town.house, desk, person, wanted, town.now))
        return found.allowed

    def _closes(self, desk: str, holiday: date) -> bool:
        """A holiday: no shift that begins that day takes place."""
        zone = ZoneInfo(DESKS[desk])
        begins = datetime.combine(holiday, time(), zone).astimezone(UTC)
        ends = datetime.combine(holiday + timedelta(days=1), time(), zone).astimezone(UTC)
        for instance in sorted({d.instance for d in self._duties(desk, begins, ends) if d.start >= begins}):
            self._append(desk, CancelInstance(instance))
        self.counted["holiday"] += 1
        return True

    def _append(self, desk: str, act: Act) -> None:
        town = self.town
        town.write(
            lambda c: rota_records.append(c, town.house.vault, desk, act, town.clock.at, by="South 18")
        )

    # --- what must hold ----------------------------------------------------------------------------------
    def _check(self, day: datetime) -> None:
        """Yesterday's duty and the week ahead: nobody twice, every limit held or lifted."""
        since, until = day - timedelta(days=1), day + LOOKED_AHEAD
        spans: dict[str, list[tuple[datetime, datetime, str]]] = {}
        for desk in DESKS:
            for duty in self._duties(desk, since, until):
                spans.setdefault(duty.volunteer, []).append((duty.start, duty.end, desk))
        for alias, mine in spans.items():
            mine.sort()
            for one, other in itertools.pairwise(mine):
                if other[0] < one[1]:
                    self.town.faults.append(f"{day}: {alias} is on twice, at {one[2]} and {other[2]}")
        self._note_nights(day)
        if day.weekday() == 0:
            self._check_limits(day)

    def _check_limits(self, day: datetime) -> None:
        """A week's duties of everybody against the limits, asked apart from whoever planned them."""
        town = self.town
        planned = hours.planned(town.house, day - timedelta(days=22), day + timedelta(days=22))
        for member in (one for crew in self.crews.values() for one in crew):
            mine = planned.get(member.alias.casefold(), [])
            zone = ZoneInfo(DESKS[member.alias.partition(" ")[0].lower()])
            for shift in mine:
                if not day <= shift[0] < day + timedelta(days=7):
                    continue
                others = [one for one in mine if one != shift]
                found = {one.code for one in limits.broken(others, shift, Zones(zone, zone))}
                self.counted["shifts looked at"] += 1
                self.counted["hours"] += round((shift[1] - shift[0]).total_seconds() / 3600)
                for code in found & set(OF_LIMITS):
                    self._is_lifted(member.alias, code, mine, day)

    def _is_lifted(self, alias: str, code: Refusal, mine: list[Any], day: datetime) -> None:
        """A limit that is broken was lifted for a shift of hers within three weeks, with an audit entry."""
        town, person = self.town, self.town.ids[alias]
        known = town.read(lambda c: overriding.overrides_of(c, town.house, person))
        near = [one for one in known if abs(one.since - day) < timedelta(days=21) and any(
            one.since <= start < one.until for start, _ in mine)]  # fmt: skip
        entries = town.read(lambda c: audit.entries(c, town.house.vault))
        noted = {
            entry.codes[0] for entry in entries if entry.verb == "override" and entry.object_id == person
        }
        self.counted["limits over, lifted"] += 1
        if not near or not {one.code.value for one in near} & noted:
            town.faults.append(f"{day}: {alias} is over {code} and nobody lifted it")

    def _note_nights(self, day: datetime) -> None:
        """How long the nights were on which the clocks change: 3, 4 or 5 hours for four on the wall."""
        for desk, zone in DESKS.items():
            before = (day - timedelta(days=1)).astimezone(ZoneInfo(zone)).utcoffset()
            if before == (day + timedelta(hours=12)).astimezone(ZoneInfo(zone)).utcoffset():
                continue
            found = self._duties(desk, day - timedelta(days=1), day + timedelta(days=1))
            lengths = {round((d.end - d.start).total_seconds() / 3600, 2) for d in found}
            self.nights.setdefault(desk, set()).update(lengths)

    def _duties(self, desk: str, since: datetime, until: datetime) -> list[Duty]:
        board = self.town.house.library.boards[desk]
        return list(final_duty(board.rota, since, until, board.others))

    def _alias(self, person: str) -> str:
        return next(alias for alias, known in self.town.ids.items() if known == person)
