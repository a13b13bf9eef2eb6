"""Random calendars are answered alike by the product and by the second implementation."""

import random
from datetime import datetime, timedelta

import pytest

from tests.handoff.rota.oracle import answer
from tests.rota_vectors import evaluate

ZONES = (
    *("Europe/Berlin", "Europe/London", "Europe/Bucharest", "Europe/Dublin", "Europe/Chisinau", "UTC"),
    *("America/New_York", "America/Sao_Paulo", "America/Mexico_City", "America/Havana", "America/St_Johns"),
    *("Africa/Cairo", "Africa/Casablanca", "Asia/Tehran", "Asia/Kathmandu", "Asia/Gaza"),
    *("Australia/Lord_Howe", "Pacific/Apia", "Antarctica/Troll"),
)
NIGHTS = tuple(
    datetime.fromisoformat(day)
    for day in (
        *("2026-03-27", "2026-10-23", "2026-03-06", "2026-10-30", "2026-04-22", "2026-10-02", "2026-04-03"),
        *("2011-12-28", "2022-04-01", "2022-09-20", "2022-03-20", "2024-02-27", "2018-02-15", "2018-11-02"),
    )
)
DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
PEOPLE = ("alice", "bob", "carol", "dave")
LENGTHS = (30, 60, 90, 240, 480, 720, 1440, 2880, 0)


class Maker:
    """Makes vectors from one seed."""

    def __init__(self, seed: int) -> None:
        self.dice = random.Random(seed)

    def vector(self) -> dict[str, object]:
        dice, zone = self.dice, self.dice.choice(ZONES)
        base = dice.choice(NIGHTS)
        events = [line for n in range(dice.randint(1, 4)) for line in self.series(f"u{n}", base, zone)]
        start = base + timedelta(hours=dice.randint(-60, 60), minutes=dice.choice([0, 30, 1]))
        end = start + timedelta(minutes=dice.choice([1, 60, 1440, 4320, 14400, 43200]))
        return {
            "rota_zone": zone,
            "ical": calendar(events),
            "changes": self.changes(start),
            "demand": self.demand(base, zone),
            "query": {"start": iso(start), "end": iso(end)},
        }

    def demand(self, base: datetime, zone: str) -> object:
        kind = self.dice.choice(("none", "number", "calendar"))
        if kind == "none":
            return None
        if kind == "number":
            return {"required": self.dice.randint(0, 3)}
        lines: list[str] = []
        for line in (line for n in range(2) for line in self.series(f"d{n}", base, zone)):
            if line == "END:VEVENT":
                lines.append(f"X-REQUIRED:{self.dice.randint(0, 3)}")
            lines.append(line)
        return {"ical": calendar(lines)}

    def series(self, uid: str, base: datetime, rota_zone: str) -> list[str]:
        dice = self.dice
        zone = dice.choice([rota_zone] * 4 + [dice.choice(ZONES)])
        kind = dice.choice(["zoned"] * 6 + ["utc", "floating", "day"])
        wall = base + timedelta(days=dice.randint(-2, 2), hours=dice.choice([0, 1, 2, 3, 9, 18, 22, 23]))
        wall += timedelta(minutes=dice.choice([0, 0, 30, 15]))
        lasts = timedelta(minutes=dice.choice(LENGTHS))
        lines = [*self.head(uid), stamp("DTSTART", wall, kind, zone), *self.end(wall, lasts, kind, zone)]
        recurs = dice.random() < 0.75
        if recurs:
            lines.append(f"RRULE:{self.rule(wall, all_day=kind == 'day')}")
        near = [wall + timedelta(days=n) for n in range(-1, 8)]
        lines += [self.reference("EXDATE", near, kind, zone) for _ in range(dice.choice([0, 0, 1, 2]))]
        if dice.random() < 0.3:
            lines.append(self.reference("RDATE", near, kind, zone))
        if dice.random() < 0.15 and kind != "day":
            own = dice.choice(["PT2H", f"{wall + timedelta(hours=3):%Y%m%dT%H%M%SZ}"])
            lines.append(f"RDATE;VALUE=PERIOD:{wall:%Y%m%dT%H%M%SZ}/{own}")
        if dice.random() < 0.05:
            lines.append("STATUS:CANCELLED")
        lines += [*self.people(1), "END:VEVENT"]
        exceptions = [self.exception(uid, near, lasts, kind, zone) for _ in range(dice.choice([0, 0, 1, 2]))]
        return lines + [line for one in exceptions if recurs for line in one]

    @staticmethod
    def head(uid: str) -> list[str]:
        return ["BEGIN:VEVENT", f"UID:{uid}", "DTSTAMP:20250101T000000Z"]

    def people(self, least: int) -> list[str]:
        return [
            f"ATTENDEE:mailto:{who}@rota.test"
            for who in self.dice.sample(PEOPLE, self.dice.randint(least, 2))
        ]

    def end(self, wall: datetime, lasts: timedelta, kind: str, zone: str) -> list[str]:
        chance = self.dice.random()
        if kind == "day":
            days = self.dice.randint(1, 3)
            whole = [stamp("DTEND", wall + timedelta(days=days), kind, zone)]
            return whole if chance < 0.5 else ([f"DURATION:P{days}D"] if chance < 0.8 else [])
        if chance < 0.65:
            return [stamp("DTEND", wall + lasts, kind, zone)]
        if chance < 0.7:
            return [stamp("DTEND", wall + lasts + timedelta(hours=5), "utc", zone)]
        exact = ("PT8H", "P1D", "P1DT2H", "PT30M", "PT24H", "P1W", "PT45S")
        return [f"DURATION:{self.dice.choice(exact)}"] if chance < 0.95 else []

    def rule(self, wall: datetime, *, all_day: bool) -> str:
        dice = self.dice
        frequency = dice.choice(
            ["DAILY"] * 4 + ["WEEKLY"] * 4 + ["MONTHLY", "YEARLY"] + ["HOURLY"] * (not all_day)
        )
        parts = [f"FREQ={frequency}"]
        if frequency == "HOURLY" or dice.random() < 0.35:
            parts.append(f"INTERVAL={dice.choice([5, 6, 7, 8] if frequency == 'HOURLY' else [2, 3, 5])}")
        bound = dice.random()
        if bound < 0.3:
            parts.append(f"COUNT={dice.randint(1, 9)}")
        elif bound < 0.6:
            until = wall + timedelta(days=dice.randint(0, 9), hours=dice.randint(-14, 14))
            parts.append(
                "UNTIL="
                + dice.choice([f"{until:%Y%m%dT%H%M%S}Z", f"{until:%Y%m%dT%H%M%S}", f"{until:%Y%m%d}"])
            )
        if frequency == "MONTHLY":
            parts.append(
                f"BYDAY={self.weekdays(numbered=dice.random() < 0.6)}"
                if dice.random() < 0.5
                else "BYMONTHDAY=1,-1,28"
            )
            if dice.random() < 0.3:
                parts.append(f"BYSETPOS={dice.choice(['1', '-1', '2,-1'])}")
        elif frequency == "YEARLY":
            parts.append(f"BYMONTH={','.join(map(str, dice.sample(range(1, 13), 4)))}")
        elif dice.random() < 0.5:
            parts.append(f"BYDAY={self.weekdays(numbered=False)}")
        if not all_day and frequency != "HOURLY" and dice.random() < 0.15:
            parts.append(f"BYHOUR={dice.choice(['2', '8,20', '0,1,2,3'])}")
        if dice.random() < 0.25:
            parts.append(f"WKST={dice.choice(DAYS)}")
        return ";".join(parts)

    def weekdays(self, *, numbered: bool) -> str:
        chosen = self.dice.sample(DAYS, self.dice.randint(1, 4))
        return ",".join(
            (self.dice.choice(["1", "2", "-1", "-2"]) if numbered else "") + day for day in chosen
        )

    def reference(self, name: str, near: list[datetime], kind: str, zone: str) -> str:
        wall = self.dice.choice(near)
        if kind == "day" or self.dice.random() < 0.75:
            return stamp(name, wall, kind, zone)
        return stamp(name, wall - timedelta(hours=self.dice.choice([0, 1, 2, 3, -5, -4])), "utc", zone)

    def exception(self, uid: str, near: list[datetime], lasts: timedelta, kind: str, zone: str) -> list[str]:
        dice, wall = self.dice, self.dice.choice(near)
        known = stamp("RECURRENCE-ID", wall, kind, zone)
        if dice.random() < 0.25:
            known = known.replace("RECURRENCE-ID", "RECURRENCE-ID;RANGE=THISANDFUTURE")
        moved = wall + timedelta(hours=dice.choice([0, 0, 1, -2, 26]))
        end = timedelta(days=1) if kind == "day" else lasts
        return [
            *self.head(uid),
            known,
            stamp("DTSTART", moved, kind, zone),
            stamp("DTEND", moved + end, kind, zone),
            f"SEQUENCE:{dice.randint(0, 3)}",
            *(["STATUS:CANCELLED"] if dice.random() < 0.2 else []),
            *self.people(0),
            "END:VEVENT",
        ]

    def changes(self, start: datetime) -> list[dict[str, object]]:
        dice = self.dice
        found: list[dict[str, object]] = []
        for seq in range(dice.choice([0, 0, 1, 2, 4])):
            kind = dice.choice(("replace", "add", "remove", "swap"))
            status = dice.choice(["approved"] * 3 + ["proposed", "rejected"])
            change: dict[str, object] = {"seq": seq, "kind": kind, "status": status}
            if kind == "swap":
                sides = zip("ab", dice.sample(PEOPLE, 2), strict=True)
                change |= {side: {"who": who, **self.window(start)} for side, who in sides}
            else:
                change |= self.window(start)
                change |= {"from": dice.choice(PEOPLE)} if kind != "add" else {}
                change |= {"to": dice.choice(PEOPLE)} if kind != "remove" else {}
            found.append(change)
        dice.shuffle(found)
        return found

    def window(self, start: datetime) -> dict[str, object]:
        begin = start + timedelta(hours=self.dice.randint(-10, 60))
        return {"start": iso(begin), "end": iso(begin + timedelta(hours=self.dice.randint(1, 30)))}


def stamp(name: str, wall: datetime, kind: str, zone: str) -> str:
    return {
        "zoned": f"{name};TZID={zone}:{wall:%Y%m%dT%H%M%S}",
        "utc": f"{name}:{wall:%Y%m%dT%H%M%S}Z",
        "floating": f"{name}:{wall:%Y%m%dT%H%M%S}",
        "day": f"{name};VALUE=DATE:{wall:%Y%m%d}",
    }[kind]


def calendar(lines: list[str]) -> str:
    return "\r\n".join(["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//rota//EN", *lines, "END:VCALENDAR", ""])


def iso(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"


@pytest.mark.parametrize("seed", range(120))
def test_a_random_calendar_is_answered_alike(seed: int) -> None:
    vector = Maker(seed).vector()
    told, got = answer(vector), evaluate(vector)
    assert {key: got[key] for key in told} == told, vector


def test_the_random_calendars_are_not_empty() -> None:
    answers = [evaluate(Maker(seed).vector())["on_duty"] for seed in range(120)]
    assert sum(map(bool, answers)) > 60
