"""What a page about texts needs of the database, read at one moment: revisions, signatures, languages."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from bot.model import NETWORK_DESK
from bot.services import editing, listing, overlaying, revisions, signing, vouching
from bot.services.documents import Folder, ScriptSource
from bot.services.house import House
from bot.services.listing import Listed
from bot.services.overlaying import ToReview
from bot.services.revisions import Revision, RevisionState
from bot.services.vouching import Vouched
from bot.store import tables as t


@dataclass(frozen=True, slots=True)
class Bench:
    """One revision and what stands around it.

    Attributes:
        listed: the revision, who made it and who signed it.
        source: its files.
        digest: of what it really holds; what a signer signs.
        live: what newcomers of its desk meet, None where that is the network's.
        against: what it is compared with: the live one of its desk, else the network's; None for itself.
        against_source: the files of that.
        newest: the draft at the end of the drafts made from it; itself for any other.
        vouched: language → who vouches for it.
        mine: whether the one who looks has signed it.
        moved: the network went on since this desk's changes were laid over it.
    """

    listed: Listed
    source: ScriptSource
    digest: str
    live: Revision | None
    against: Revision | None
    against_source: ScriptSource | None
    newest: Revision
    vouched: dict[str, Vouched]
    mine: bool
    moved: ToReview | None

    @property
    def revision(self) -> Revision:
        """The revision."""
        return self.listed.revision


@dataclass(frozen=True, slots=True)
class Shelf:
    """The texts of one desk: what is live, what is worked on, what was."""

    desk: str
    live: Listed | None
    drafts: tuple[Listed, ...]
    earlier: tuple[Listed, ...]
    moved: ToReview | None


def bench(
    connection: Connection, house: House, number: int, person: str, config: Folder, now: datetime
) -> Bench:
    """Read one revision. Raises `UnknownRevision`."""
    vault = house.vault
    revision = revisions.get(connection, vault, number)
    source = revisions.source_of(connection, vault, number)
    live = revisions.live_revision(connection, vault, revision.desk)
    ground = live or revisions.live_revision(connection, vault, NETWORK_DESK)
    against = ground if ground is not None and ground.id != number else None
    if against is None and revision.desk != NETWORK_DESK:
        against = _base(connection, house, source)
    listed = listing.of_revision(connection, house, revision)
    return Bench(
        listed=listed,
        source=source,
        digest=signing.digest_held(connection, vault, number),
        live=live,
        against=against,
        against_source=revisions.source_of(connection, vault, against.id) if against else None,
        newest=editing.newest_of(connection, house, revision),
        vouched=vouching.standing(
            connection, vault, source, source.texts, config, now, demo=house.mode == "demo"
        ),
        mine=any(one.person == person for one in listed.standing.signatures),
        moved=_moved(connection, house, revision),
    )


def shelves(connection: Connection, house: House, desks: tuple[str, ...]) -> tuple[Shelf, ...]:
    """The texts of these desks, the network's first."""
    moved = {one.desk: one for one in overlaying.to_review(connection, house.vault)}
    found: list[Shelf] = []
    for desk in sorted(desks, key=lambda name: (name != NETWORK_DESK, name)):
        known = listing.listed(connection, house, desk)
        live = next((one for one in known if one.revision.state is RevisionState.PUBLISHED), None)
        drafts = tuple(one for one in known if one.revision.state is RevisionState.DRAFT)
        others = tuple(one for one in known if one != live and one not in drafts)
        found.append(Shelf(desk, live, drafts[::-1], others[::-1], moved.get(desk)))
    return tuple(found)


def desks(connection: Connection) -> tuple[str, ...]:
    """Ids of all desks."""
    return tuple(connection.execute(select(t.desk.c.id)).scalars())


def _base(connection: Connection, house: House, source: ScriptSource) -> Revision | None:
    if source.overlay is None:
        return None
    return revisions.get(connection, house.vault, source.overlay.base)


def _moved(connection: Connection, house: House, revision: Revision) -> ToReview | None:
    if revision.desk == NETWORK_DESK:
        return None
    found = overlaying.to_review(connection, house.vault)
    return next((one for one in found if one.revision == revision.id), None)
