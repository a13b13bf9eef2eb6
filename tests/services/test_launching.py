"""What a desk holds is what the launch rules judge: regions, numbers, hours, signatures."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from bot.services.launching import launch_facts, launch_issues
from bot.services.library import Library
from handoff.desks import Minors, MinorsPack
from tests.shipped import NOON, board_of, shipped_library
from triage.directory import Directory
from triage.lint.launch import Signature

PACK = MinorsPack("tell it", "the child service", "at once", "R. Lawyer", date(2026, 11, 1))
WHOLE_DAY = """
spec: 1
zone: Europe/Bucharest
volunteers: {Maple: {}, Alder: {}}
shifts:
  - {who: Maple, tier: primary, days: [mon, tue, wed, thu, fri, sat, sun], from: '00:00', to: '00:00'}
"""
SUPERVISED = (
    WHOLE_DAY
    + """
  - {who: Alder, tier: supervisor, days: [mon, tue, wed, thu, fri, sat, sun], from: '00:00', to: '00:00'}
"""
)


def ready(regions: tuple[str, ...] = ("RO",), rota: str = SUPERVISED) -> Library:
    """A desk that has everything and rang every number yesterday."""
    library = shipped_library()
    demo = replace(
        library.desks["demo"],
        regions=regions,
        default_country=regions[0],
        minors=Minors.TRAINED,
        minors_pack=PACK,
    )
    rung = [
        replace(row, verified_on=NOON.date() - timedelta(days=1), verified_by="Rowan")
        for row in library.directory.resources
    ]
    return replace(
        library, desks={"demo": demo}, boards={"demo": board_of(rota)}, directory=Directory.of(tuple(rung))
    )


def found(library: Library) -> set[str]:
    return {f"{issue.rule} {issue.path}" for issue in launch_issues(library, "demo", NOON)}


def test_what_a_region_lacks_is_named() -> None:
    lacks = found(ready())
    assert all(one.startswith("D-52 regions.RO.") for one in lacks), lacks
    unsigned = ready()
    unsigned.desks = {"demo": replace(unsigned.desks["demo"], minors_pack=None)}
    assert found(unsigned) - lacks == {"D-52 regions.RO.reporting"}


def test_an_absence_counts_only_for_the_region_it_is_stated_for() -> None:
    library = ready(("RO", "MD"))
    packs = launch_facts(library, "demo", NOON).packs or ()
    assert [pack.region for pack in packs] == ["RO", "MD"]
    library.desks = {"demo": replace(library.desks["demo"], absent=("MD.women_at_any_hour",))}
    packs = launch_facts(library, "demo", NOON).packs or ()
    assert [pack.absent for pack in packs] == [frozenset(), {"women_at_any_hour"}]


def test_numbers_nobody_rang_or_rang_long_ago_are_told() -> None:
    assert {one.split()[0] for one in found(ready())} <= {"D-52"}
    library = ready()
    shipped = shipped_library().directory  # nobody has rung these
    library.directory = shipped
    assert {f"D-53 {row.id}" for row in shipped.by_country["RO"]} <= found(library)
    later = {issue.rule for issue in launch_issues(ready(), "demo", NOON + timedelta(days=100))}
    assert "D-53" in later  # emergency numbers go stale after 90 days


@pytest.mark.parametrize(("rota", "told"), [(SUPERVISED, False), (WHOLE_DAY, True)])
def test_hours_without_a_supervisor_are_told(rota: str, told: bool) -> None:
    assert any(one.startswith("D-58") for one in found(ready(rota=rota))) is told


def test_a_desk_without_a_rota_promises_nothing() -> None:
    library = ready()
    library.boards = {}
    assert {"D-58 shifts", "D-52 regions.RO.hours"} <= found(library)


def test_signatures_are_asked_for_where_a_revision_is_named() -> None:
    one = Signature("Rowan", practitioner=True, digest="d1")
    told = launch_issues(ready(), "demo", NOON, "d1", [one])
    assert [issue.message for issue in told if issue.rule == "D-56"] == [
        "1 of 2 people have signed this revision. Have it read and signed."
    ]
    both = [one, Signature("Alder", practitioner=False, digest="d1")]
    assert [issue for issue in launch_issues(ready(), "demo", NOON, "d1", both) if issue.rule == "D-56"] == []
