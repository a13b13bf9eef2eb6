"""What newcomers meet: a draft becomes the live revision of its desk (design §7; PR10, PR14).

Publishing in the mode `open` takes two signatures; elsewhere an unsigned text may be tried out, and is called
so everywhere. Every act is audited in the transaction that does it.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection

from bot.services import revisions, signing
from bot.services.documents import ScriptSource
from bot.services.house import House
from bot.services.judging import Verdict
from bot.services.permissions import Action
from bot.services.revisions import Origin, Revision, RevisionState
from bot.services.signing import Proof, Standing
from bot.services.staff_acts import demand_right, note
from bot.store.moments import to_moment

OPEN: Final = "open"


class NotPublishable(ValueError):
    """A revision that stands like this cannot be published; the text says what can be done."""


class NotSigned(Exception):
    """The mode `open` publishes only what two people have signed; the text says who is missing."""


class LiveMoved(Exception):
    """Another revision went live after the work on this one began; the text names both."""

    def __init__(self, number: int, live: int) -> None:
        super().__init__(
            f"Revision {live} went live after the work on revision {number} began: publishing {number} would "
            f"undo it. Compare them: `hotline scripts diff {live} {number}`. If {number} is right as it is, "
            f"publish it with `--replacing {live}`."
        )
        self.live = live


@dataclass(frozen=True, slots=True)
class Published:
    """What went live, and who has signed it."""

    revision: Revision
    standing: Standing


def import_source(
    connection: Connection, house: House, actor: str, desk: str, source: ScriptSource, now: datetime
) -> Revision:
    """Keep a script as a draft of `desk`. What is live or lies as a draft already is not kept twice.

    `actor` is a staff id, or `PROGRAM` for a command that names nobody. Raises `NotAllowed`, `TooLong`.
    """
    demand_right(connection, actor, Action.EDIT, desk)
    revisions.lock_desk(connection, desk)
    live = revisions.live_revision(connection, house.vault, desk)
    over = live.id if live is not None else 0
    held = revisions.digest_of(source)
    for known in revisions.revisions(connection, house.vault, desk):
        as_draft = known.state is RevisionState.DRAFT and known.origin.over == over
        if known.digest == held and (as_draft or known.state is RevisionState.PUBLISHED):
            return known
    draft = revisions.add(connection, house.vault, desk, source, Origin(actor, over=over), now)
    note(connection, house, actor, "import", draft.id, [held[:16]], now)
    return draft


def publish(
    connection: Connection,
    house: House,
    actor: str,
    number: int,
    verdict: Verdict,
    now: datetime,
    *,
    replacing: int | None = None,
    proof: Proof | None = None,
) -> Published:
    """Make a revision the one newcomers of its desk meet.

    `replacing` names the live revision it may take the place of, where that is not the one the work on it
    began over. `proof` is asked of whoever publishes from a browser what is not signed. Raises `NotProven`,
    `NotAllowed`, `HasErrors`, `NotPublishable`, `NotSigned`, `LiveMoved` and `UnknownRevision`; then nothing
    has changed.
    """
    chosen = revisions.locked(connection, house.vault, number)
    demand_right(connection, actor, Action.PUBLISH, chosen.desk)
    if proof is not None:
        signing.spend(connection, house, proof, now)
    held = signing.digest_held(connection, house.vault, number)
    verdict.demand_clean(number, held)
    demo = house.mode == "demo"
    standing = signing.standing(connection, house.vault, number, demo=demo, able_now=True)
    if house.mode == OPEN and not standing.signed:
        raise NotSigned(
            f"Revision {number}: {standing.told}. In the mode `open` two different people sign, one of them "
            f"a reviewer who did not write the text: `hotline scripts sign {number} --as ALIAS`."
        )
    if chosen.state is RevisionState.PUBLISHED:
        return Published(chosen, standing)
    _refuse_state(connection, house, chosen, held)
    live = revisions.live_revision(connection, house.vault, chosen.desk)
    over = chosen.origin.over
    if live is not None and over is not None and live.id not in {over, replacing}:
        raise LiveMoved(number, live.id)
    if live is not None:
        revisions.set_state(connection, live.id, RevisionState.REPLACED)
    revisions.set_state(connection, number, RevisionState.PUBLISHED, to_moment(now))
    note(connection, house, actor, "publish", number, _codes(chosen, standing), now)
    return Published(revisions.get(connection, house.vault, number), standing)


def _refuse_state(connection: Connection, house: House, chosen: Revision, held: str) -> None:
    """Only a draft, or what was taken back without harm, goes live; never what was recalled, in any copy."""
    number = chosen.id
    if chosen.state is RevisionState.REVISED:
        raise NotPublishable(
            f"Revision {number} was changed since; publish the later draft, or import its files anew."
        )
    if chosen.state is RevisionState.RECALLED:
        raise NotPublishable(f"Revision {number} was recalled as harmful: it does not come back.")
    if chosen.state is RevisionState.DISCARDED:
        raise NotPublishable(f"Revision {number} was put aside; import its files anew.")
    if chosen.state is RevisionState.REPLACED:
        raise NotPublishable(
            f"Revision {number} was live before; `hotline scripts rollback` goes back to the one before."
        )
    for one in revisions.revisions(connection, house.vault):
        if one.state is RevisionState.RECALLED and one.digest == held:
            raise NotPublishable(
                f"Revision {number} is letter for letter revision {one.id}, which was recalled as harmful. "
                "Change what did harm first."
            )
        if (
            revisions.base_of(connection, house.vault, chosen) == one.id
            and one.state is RevisionState.RECALLED
        ):
            raise NotPublishable(
                f"Revision {number} was made over revision {one.id}, which was recalled as harmful. "
                f"Lay the desk's changes over the live one: `hotline scripts merge --desk {chosen.desk}`."
            )


def _codes(chosen: Revision, standing: Standing) -> list[str]:
    return [chosen.desk, "signed" if standing.signed else "unsigned"]
