"""What the mode `open` asks for before it starts, each with its cure (design §7 Modes)."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection

from bot.model import NETWORK_DESK
from bot.services import documents, revisions, signing, vouching
from bot.services.checking import Check, fault, good, warning
from bot.services.library import Library
from bot.services.revisions import Revision
from bot.settings import Settings
from bot.store.moments import from_moment
from bot.vault.vault import Vault
from handoff.model import Tier
from handoff.rota.coverage import LEAST_COVER, gaps
from triage.directory import Directory, Kind, Resource
from triage.directory_standing import overdue_for

AHEAD: Final = timedelta(days=14)
SUICIDE: Final = "suicide"
"""Code of the module without which nobody takes contacts (B-044)."""


def run_opening_checks(
    connection: Connection, vault: Vault, library: Library, settings: Settings, now: datetime
) -> Iterator[Check]:
    """Everything `open` asks for beside what runs anyway; `library` is what `open` would offer."""
    desk = library.desks[settings.desk]
    if settings.rescue_policy is None:
        yield fault(
            "rescue policy", "it is not set", "Decide it together, then set HOTLINE_RESCUE_POLICY (B-032)."
        )
    elif settings.rescue_policy is not desk.rescue_policy:
        yield fault(
            "rescue policy",
            f"the settings say {settings.rescue_policy.value}, the desk says {desk.rescue_policy.value}",
            "Let both say the same: she is told one of them.",
        )
    else:
        yield good("rescue policy", settings.rescue_policy.value)
    for region in desk.regions:
        if any(_rung(row, now) for row in emergency_rows(library.directory, region)):
            yield good("numbers", f"an emergency number of {region} was rung")
        else:
            yield fault(
                "numbers",
                f"no emergency number of {region} was rung by a person of yours in the last 90 days",
                "Check it with the authority, then `hotline resources verify ID --as ALIAS`.",
            )
    yield from _cover(library, settings, now)
    yield from _trained(library, settings)
    yield from _signed(connection, vault, settings)
    yield from _languages(connection, vault, library, settings, now)
    yield from _accountable(library, settings)
    yield from _page(library, settings)


def _cover(library: Library, settings: Settings, now: datetime) -> Iterator[Check]:
    """D-58: no promised hour of the next two weeks without a volunteer and a supervisor."""
    board = library.boards.get(settings.desk)
    if board is None:
        yield fault("cover", f"desk {settings.desk} has no rota", "Write one, then `hotline rota import`.")
        return
    missing = gaps(
        board.rota, now, now + AHEAD, LEAST_COVER, board.others, stands=board.standings.stand_between
    )
    if missing:
        first = missing[0]
        yield fault(
            "cover",
            f"{len(missing)} gaps in the next 14 days, the first from {first.start:%Y-%m-%d %H:%M} UTC",
            "Each promised hour needs a volunteer and a supervisor: plan them, or promise fewer hours.",
        )
    else:
        yield good("cover", "a volunteer and a supervisor for each hour of the next 14 days")


def _trained(library: Library, settings: Settings) -> Iterator[Check]:
    """B-044: whoever answers women has passed a module on suicide first."""
    needed = library.staffing_of(settings.desk).training.for_tier
    answering = (Tier.PRIMARY, Tier.BACKUP, Tier.SUPERVISOR)
    if bare := [tier.value for tier in answering if SUICIDE not in needed.get(tier, ())]:
        yield fault(
            "training",
            f"somebody may take a shift without the module {SUICIDE}: {', '.join(bare)}",
            "Require it of each tier in `network/training.yaml`; `hotline people train` tells who passed it.",
        )
    else:
        yield good("training", f"every shift asks for the module {SUICIDE}")


def _signed(connection: Connection, vault: Vault, settings: Settings) -> Iterator[Check]:
    """D-56: two people have signed what newcomers meet, one of them a reviewer who did not write it."""
    live = _live(connection, vault, settings.desk)
    if live is None:
        return
    standing = signing.standing(connection, vault, live.id, demo=False)
    if not standing.signed:
        yield fault(
            "signatures",
            f"revision {live.id}: {standing.told}",
            f"`hotline scripts sign {live.id} --as ALIAS`, by two people; a live text is signed as it is.",
        )


def _live(connection: Connection, vault: Vault, desk: str) -> Revision | None:
    own = revisions.live_revision(connection, vault, desk)
    return own or revisions.live_revision(connection, vault, NETWORK_DESK)


def _languages(
    connection: Connection, vault: Vault, library: Library, settings: Settings, now: datetime
) -> Iterator[Check]:
    """A language without a practitioner is not offered; two people may let it pass for thirty days."""
    live = _live(connection, vault, settings.desk)
    if live is None:
        return
    config = documents.config_folder(settings.config_dir)
    source = revisions.source_of(connection, vault, live.id)
    stands = vouching.standing(connection, vault, source, source.texts, config, now, demo=False)
    cure = f"A reviewer who grew up with it: `hotline scripts sign {live.id} --language TAG --as ALIAS`."
    for tag, one in stands.items():
        if one.vouched:
            yield good(
                "languages", f"{tag}: {one.texts_by} vouches for its texts, {one.words_by} for its lists"
            )
        elif one.until:
            ends = from_moment(one.until)
            yield warning(
                "languages",
                f"{tag} is offered until {ends:%Y-%m-%d} by the word of two people; nobody vouches for "
                f"{one.missing}",
                cure,
            )
        else:
            yield warning("languages", f"{tag} is not offered: nobody vouches for {one.missing}", cure)
    if not any(one.offered for one in stands.values()):
        yield fault("languages", "there is no language that may be offered", cure)
    elif silent := [tag for tag in library.desks[settings.desk].languages if tag not in stands]:
        yield warning(
            "languages", f"the desk promises {', '.join(silent)}, the script has no such texts", cure
        )


def _accountable(library: Library, settings: Settings) -> Iterator[Check]:
    one = library.accountable.get(settings.desk)
    if one is None:
        yield fault(
            "organisation",
            "nobody has written down who answers for it: controller, date of the impact assessment, "
            "procedure for legal requests",
            "Write `network/accountability.yaml` in the configuration folder (docs/operator.md shows one).",
        )
        return
    yield good("organisation", f"{one.controller}; impact assessment of {one.assessed_on:%Y-%m-%d}")
    if missing := [tag for tag in _offered(library, settings) if tag not in one.legal_requests]:
        yield fault(
            "legal requests",
            f"what is done when an authority asks is not told in {', '.join(missing)}",
            "Write it in `accountability.yaml` under `legal_requests: told:`.",
        )
    else:
        yield good("legal requests", f"{one.decided_by} decides")


def _page(library: Library, settings: Settings) -> Iterator[Check]:
    if missing := [tag for tag in _offered(library, settings) if tag not in library.hold]:
        yield fault(
            "what we hold",
            f"the page has no words in {', '.join(missing)}",
            "Write `words/hold.TAG.yaml` in the configuration folder, with the keys of the English one.",
        )
    else:
        yield good("what we hold", "the page /what-we-hold has words in every language that is offered")


def _offered(library: Library, settings: Settings) -> tuple[str, ...]:
    live = library.live.get(settings.desk, library.live.get(NETWORK_DESK))
    return library.scripts[live].languages if live is not None else ()


def emergency_rows(directory: Directory, region: str) -> list[Resource]:
    """Emergency numbers that could be shown in a region."""
    rows = (*directory.by_country.get(region, ()), *directory.by_country.get("EU", ()))
    return [row for row in rows if row.kind is Kind.EMERGENCY]


def _rung(row: Resource, now: datetime) -> bool:
    return row.verified_on is not None and overdue_for(row, now.date()) is None
