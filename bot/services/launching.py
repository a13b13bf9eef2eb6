"""What a desk holds, as the launch rules of the linter look at it: D-52, D-53 and D-58 (design §7).

Signatures (D-56) lie in the database and are joined by whoever publishes.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Final

from bot.services.library import DutyBoard, Library
from handoff.desks import Desk
from handoff.rota.coverage import LEAST_COVER, gaps
from handoff.rota.resolve import final_duty
from triage.directory import Directory
from triage.directory_model import UNION, Kind, Resource
from triage.directory_places import reach
from triage.issue import Issue
from triage.lint.launch import LaunchFacts, PublishedRow, RegionPack, Signature, Uncovered
from triage.lint.launch_rules import check_for_launch
from triage.opening_hours import faults

AHEAD: Final = timedelta(days=14)
_WOMEN: Final = frozenset({Kind.GENERAL_WOMEN, Kind.DOMESTIC_VIOLENCE})
_BY_KIND: Final = {
    "emergency": Kind.EMERGENCY,
    "child_line": Kind.CHILD,
    "emotional_line": Kind.SUICIDE_CRISIS,
    "sexual_care": Kind.SEXUAL_VIOLENCE,
}


def launch_issues(
    library: Library,
    desk: str,
    now: datetime,
    digest: str | None = None,
    signatures: Iterable[Signature] = (),
) -> tuple[Issue, ...]:
    """Everything that stands in the way of opening `desk`; with a `digest` the signatures under it too."""
    return check_for_launch(launch_facts(library, desk, now, digest, signatures))


def launch_facts(
    library: Library,
    desk: str,
    now: datetime,
    digest: str | None = None,
    signatures: Iterable[Signature] = (),
) -> LaunchFacts:
    """The facts of one desk, as they stand at `now`."""
    own, board = library.desks[desk], library.boards.get(desk)
    rows = {row.id: row for region in own.regions for row in _within(library.directory, region)}
    return LaunchFacts(
        today=now.date(),
        desk=desk,
        packs=tuple(_pack(library, own, region, board) for region in own.regions),
        rows=tuple(_published(row) for row in rows.values()),
        digest=digest,
        signatures=tuple(signatures),
        uncovered=tuple(_uncovered(board, now)),
        promises=board is not None and bool(final_duty(board.rota, now, now + AHEAD, board.others)),
    )


def _within(directory: Directory, region: str) -> Iterator[Resource]:
    """What whoever chose this region can be sent, the numbers of the whole union among it."""
    for place in (region, UNION):
        for row in directory.by_country.get(place, ()):
            if reach(row, region, region) is not None:
                yield row


def _pack(library: Library, desk: Desk, region: str, board: DutyBoard | None) -> RegionPack:
    rows = list(_within(library.directory, region))
    kinds = {row.kind for row in rows}
    has = {part for part, kind in _BY_KIND.items() if kind in kinds}
    if any(row.kind in _WOMEN and row.opening is not None and row.opening.always for row in rows):
        has.add("women_at_any_hour")
    has |= {"rescue_policy", "zone"}  # a desk is not read without them
    if desk.minors_pack is not None:
        has.add("reporting")
    if board is not None:
        has.add("hours")
    stated = (one.partition(".") for one in desk.absent)
    return RegionPack(region, frozenset(has), frozenset(part for code, _, part in stated if code == region))


def _published(row: Resource) -> PublishedRow:
    return PublishedRow(
        id=row.id,
        emergency=row.kind is Kind.EMERGENCY,
        verified_on=row.verified_on,
        verified_by=row.verified_by or "",
        valid_until=row.valid_until,
        hours_faults=faults(row.opening) if row.opening is not None else (),
    )


def _uncovered(board: DutyBoard | None, now: datetime) -> Iterator[Uncovered]:
    """Where the hours are promised, a volunteer being planned, and somebody is missing beside her."""
    if board is None:
        return
    for gap in gaps(
        board.rota, now, now + AHEAD, LEAST_COVER, board.others, stands=board.standings.stand_between
    ):
        missing = tuple(need.tier.value for need, _ in gap.missing)
        if "primary" not in missing:  # without a volunteer the line is closed, and says so
            yield Uncovered(gap.start, gap.end, missing)
