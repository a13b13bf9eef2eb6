"""What a year showed: every conversation by how it ended, waits by urgency, faults."""

from collections import Counter
from dataclasses import dataclass

from tests.year.life import Woman, Year


@dataclass(frozen=True)
class Found:
    """What is told."""

    days: int
    ends: Counter[str]
    waits: dict[str, tuple[int, float, float]]  # urgency → how many, p50, p90 in seconds
    counted: Counter[str]
    nights: dict[str, set[float]]
    faults: list[str]


def found(year: Year, days: int) -> Found:
    """Everything; whoever was neither answered nor told the truth is a fault."""
    town, faults = year.town, list(year.town.faults)
    ends: Counter[str] = Counter()
    for woman in year.women:
        ends[woman.end or "still there"] += 1
        told = town.seen.get(woman.handle)
        if woman.waited < 0 and (told is None or not told.honest):
            faults.append(f"{woman.came}: {woman.handle} ({woman.end}) was neither answered nor told")
    counters = ("callback.promised", "callback.kept", "callback.missed", "callback.unstaffed", "due.failed")
    counted = year.days.counted + town.counted + Counter({name: town.count(name) for name in counters})
    if counted["due.failed"]:
        faults.append(f"{counted['due.failed']} deadlines failed")
    if counted["callback.promised"] < counted["callback.kept"] + counted["callback.missed"]:
        faults.append("more callbacks ended than were promised")
    return Found(days, ends, _waits(year.women), counted, year.days.nights, faults)


def _waits(women: list[Woman]) -> dict[str, tuple[int, float, float]]:
    by_urgency: dict[str, list[float]] = {}
    for woman in women:
        if woman.waited >= 0:
            by_urgency.setdefault(woman.urgency, []).append(woman.waited)
    return {
        urgency: (len(waits), _share(waits, 0.5), _share(waits, 0.9))
        for urgency, waits in sorted(by_urgency.items())
    }


def _share(waits: list[float], share: float) -> float:
    ordered = sorted(waits)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def lines(one: Found) -> list[str]:
    """For the eye."""
    told = [f"{one.days} days, {sum(one.ends.values())} conversations: " + _listed(one.ends)]
    told += [
        f"waits {u}: {n} answered, p50 {p50:.0f} s, p90 {p90:.0f} s" for u, (n, p50, p90) in one.waits.items()
    ]
    told.append("rota: " + _listed(one.counted))
    told += [f"clocks change at {desk}: duties of {sorted(each)} h" for desk, each in one.nights.items()]
    return [*told, *one.faults[:20], f"{len(one.faults)} faults"]


def _listed(counted: Counter[str]) -> str:
    return ", ".join(f"{name} {number}" for name, number in sorted(counted.items()) if number)
