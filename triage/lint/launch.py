"""The launch rules: what an organisation's own data must hold before it opens (design §7). Plain data in.

`scripts publish` and `doctor --opening` run them. An issue's file names where the data is mended.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime

from triage.issue import Issue, Severity


@dataclass(frozen=True, slots=True)
class RegionPack:
    """What a desk has for one of its regions (D-52).

    Attributes:
        region: its code.
        has: which of `d52_region_pack.PARTS` are there.
        absent: those the organisation has stated in writing that the region does not have.
    """

    region: str
    has: frozenset[str]
    absent: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class PublishedRow:
    """One published resource as far as its checks go (D-53).

    Attributes:
        id: the row's id.
        emergency: whether it is an emergency number, which goes stale sooner.
        verified_on, verified_by: who of the organisation last rang it, and when; None and "" for never.
        edited_by: who wrote its present content, "" when that is not known.
        valid_until: the last day it may be sent, None for no end.
        hours_faults: what is wrong with its opening hours.
    """

    id: str
    emergency: bool
    verified_on: date | None
    verified_by: str = ""
    edited_by: str = ""
    valid_until: date | None = None
    hours_faults: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Signature:
    """One person's name under one revision (D-56).

    Attributes:
        alias: who signed.
        practitioner: whether she has the reviewer role.
        digest: the hash of what she signed.
    """

    alias: str
    practitioner: bool
    digest: str


@dataclass(frozen=True, slots=True)
class Uncovered:
    """A stretch of promised hours and who is missing from it: "primary", "supervisor" (D-58)."""

    start: datetime
    end: datetime
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LaunchFacts:
    """Everything the launch rules look at; a part that is None is not asked about.

    Attributes:
        today: the day of the launch.
        desk: the desk that opens.
        packs: what it has for each of its regions.
        rows: resources it would send.
        digest: hash of the revision to be published; `signatures` are those under it.
        uncovered: gaps of the next 14 days, `promises` whether any hour is promised at all.
    """

    today: date
    desk: str
    packs: tuple[RegionPack, ...] | None = None
    rows: tuple[PublishedRow, ...] | None = None
    digest: str | None = None
    signatures: tuple[Signature, ...] = ()
    uncovered: tuple[Uncovered, ...] | None = None
    promises: bool = True

    def issue(self, rule: str, file: str, path: str, message: str) -> Issue:
        """An error in what the organisation holds; data of a database has no line."""
        return Issue(file, 0, 0, rule, Severity.ERROR, path, message)


LaunchRule = Callable[[LaunchFacts], Iterable[Issue]]
