"""Signatures under texts: who signed exactly which content, as what (design §7, PR14, D-56; decision 0020).

A signature is a statement sealed under the organisation's key, bound to its row: who, over which digest, as
what, when. Columns beside it only find it; what does not open, or says something else than its row, counts
for nothing. Two people must have signed, one of them a reviewer who did not write the text.
"""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, delete, insert, select

from bot.model import Role
from bot.services import audit, people, revisions, sign_in
from bot.services.house import House
from bot.services.people import Person
from bot.services.permissions import Action, NotAllowed, Thing, rights_of
from bot.services.revisions import Revision, RevisionState
from bot.services.sign_in import Claim
from bot.store import requests, tables as t
from bot.store.moments import to_moment
from bot.vault.digests import digest
from bot.vault.envelope import Place, open_sealed, seal
from bot.vault.errors import Unopenable
from bot.vault.vault import Vault

SIGNERS: Final = 2
NOT_PROVEN: Final = (
    "Password or code are not right, or the code was used already. Nothing was done. Wait for the next code."
)
SIGNABLE: Final = (RevisionState.DRAFT, RevisionState.PUBLISHED)


class NotProven(Exception):
    """Password or one-time code are wrong, the code was used before, or the person is shut out."""


class OtherContent(ValueError):
    """The signature is meant for another content than the revision holds."""


class SignedAlready(ValueError):
    """This person has signed this already."""


class NotSignable(ValueError):
    """A revision that stands like this is not signed, or its signature not taken back."""


@dataclass(frozen=True, slots=True)
class Proof:
    """Who signs, and what she typed to prove it. `claimed` is None in the demo, where nobody has a password.

    The slow part, `sign_in.proven`, is done before the transaction; the code is used up inside it.
    """

    person: str
    claimed: Claim | None = None
    code: str = ""


@dataclass(frozen=True, slots=True)
class Signer:
    """Someone who has proven in this very transaction who she is, and may sign at `desk`."""

    person: Person
    desk: str
    demo: bool


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature as its statement says it.

    Attributes:
        id: of its row.
        subject: "script.<number>", "texts.<tag>" or "words.<tag>".
        digest: SHA-256 of exactly what was signed.
        person: staff id.
        alias: how she was called when she signed.
        reviewer: she held the role reviewer there.
        edited: she had a hand in the text herself.
        exception: it vouches for nothing: it lets a language without a practitioner pass until `until`.
        demo: made in the demo, without password and code; it counts there only.
        at: when, microseconds since 1970 UTC.
        until: when it ends, 0 for never.
    """

    id: str
    subject: str
    digest: str
    person: str
    alias: str
    reviewer: bool
    edited: bool
    exception: bool
    demo: bool
    at: int
    until: int = 0


@dataclass(frozen=True, slots=True)
class Standing:
    """Who has signed a revision, and what is still missing.

    Attributes:
        signatures: those that count, oldest first.
        people: how many different people they are, at most `SIGNERS` are needed.
        reviewed: whether one of them is a reviewer who did not write the text.
    """

    signatures: tuple[Signature, ...]
    people: int
    reviewed: bool

    @property
    def signed(self) -> bool:
        """Whether this may be published in the mode `open`."""
        return self.people >= SIGNERS and self.reviewed

    @property
    def told(self) -> str:
        """In words, for lists and pages: never more than what was proven."""
        if self.signed:
            return f"signed by {_names(self.signatures)}"
        if not self.signatures:
            return "not signed / not reviewed"
        missing = "a second person" if self.people < SIGNERS else "a reviewer who did not write it"
        if self.people < SIGNERS and not self.reviewed:
            missing = "a second person who is a reviewer and did not write it"
        return f"not signed / not reviewed: {_names(self.signatures)} signed, {missing} is missing"


def _names(signatures: Iterable[Signature]) -> str:
    told = (f"{one.alias}{' (reviewer)' if one.reviewer else ''}" for one in signatures)
    return " and ".join(told) + (", in the demo" if any(one.demo for one in signatures) else "")


def sign(
    connection: Connection, house: House, proof: Proof, number: int, content: str, now: datetime
) -> Standing:
    """Sign a revision. `content` is the digest of what the signer read.

    Raises `UnknownRevision`, `NotSignable`, `OtherContent`, `NotProven`, `NotAllowed`, `SignedAlready`;
    then nothing has changed, and a code that was right is still good.
    """
    revision = revisions.locked(connection, house.vault, number)
    if revision.state not in SIGNABLE:
        raise NotSignable(f"Revision {number} is {revision.state.value}: it cannot be signed any more.")
    held = digest_held(connection, house.vault, number)
    if content != held:
        raise OtherContent(
            f"This signature is for another text: it names {content[:12]}, revision {number} holds "
            f"{held[:12]}. Nothing was signed. Read revision {number} as it is now, then sign it."
        )
    subject = subject_of(number)
    mine = [one for one in signatures(connection, house.vault, subject) if one.person == proof.person]
    if any(one.digest == held for one in mine):
        raise SignedAlready(f"You have signed revision {number} already. Somebody else must sign it too.")
    signer = prove(connection, house, proof, revision.desk, now)
    wrote = proof.person in editors(connection, house, revision)
    record_statement(connection, house, signer, subject, held, now, edited=wrote)
    return standing(connection, house.vault, number, demo=house.mode == "demo")


def prove(connection: Connection, house: House, proof: Proof, desk: str, now: datetime) -> Signer:
    """Use the code up and say who signs. Raises `NotProven`; `NotAllowed` for someone who may not sign."""
    if not rights_of(connection, proof.person).may(Action.SIGN, Thing.SCRIPT, desk):
        raise NotAllowed(f"{Action.SIGN.value} {Thing.SCRIPT.value}")
    spend(connection, house, proof, now)
    return Signer(people.get(connection, house, proof.person), desk, house.mode == "demo")


def spend(connection: Connection, house: House, proof: Proof, now: datetime) -> None:
    """Use up the code of a proof, in the transaction of the act it is for. Raises `NotProven`."""
    if house.mode == "demo":
        return
    claimed = proof.claimed
    if claimed is None or claimed.person != proof.person:
        raise NotProven(NOT_PROVEN)
    if sign_in.spend_code(connection, house, claimed, proof.code, now) is None:
        raise NotProven(NOT_PROVEN)


def record_statement(
    connection: Connection,
    house: House,
    signer: Signer,
    subject: str,
    content: str,
    now: datetime,
    *,
    edited: bool = False,
    until: int = 0,
) -> None:
    """Write what a signer states of `content`, a digest; `until` makes it an exception."""
    person = signer.person
    stated = Signature(
        id=house.identifiers.new_id(),
        subject=subject,
        digest=content,
        person=person.id,
        alias=person.profile.alias,
        reviewer=person.has(Role.REVIEWER, signer.desk),
        edited=edited,
        exception=bool(until),
        demo=signer.demo,
        at=to_moment(now),
        until=until,
    )
    plain = json.dumps(asdict(stated), ensure_ascii=False).encode()
    sealed = seal(house.vault.organisation, _place(stated.id), plain)
    connection.execute(insert(t.signature).values(id=stated.id, subject=subject, statement_sealed=sealed))
    codes = [content[:16], *(["exception"] if until else []), *(["demo"] if signer.demo else [])]
    audit.record(connection, house.vault, person.id, "sign", subject, codes, stated.at)
    requests.bump(connection)


def take_back(connection: Connection, house: House, person: str, number: int, now: datetime) -> None:
    """Take one's own signature back, at once, while the revision is a draft.

    A live text is taken back itself. Raises `NotSignable`, `UnknownRevision`.
    """
    revision = revisions.locked(connection, house.vault, number)
    if revision.state is not RevisionState.DRAFT:
        raise NotSignable(
            f"Revision {number} is {revision.state.value}: a signature is taken back from a draft only. "
            "To take a live text back, roll back."
        )
    mine = [one.id for one in signatures(connection, house.vault, subject_of(number)) if one.person == person]
    if not mine:
        raise NotSignable(f"You have not signed revision {number}.")
    connection.execute(delete(t.signature).where(t.signature.c.id.in_(mine)))
    audit.record(connection, house.vault, person, "take_back", subject_of(number), (), to_moment(now))


def standing(
    connection: Connection, vault: Vault, number: int, *, demo: bool, able_now: bool = False
) -> Standing:
    """Who has signed exactly what a revision holds. `demo`: whether signatures of the demo count.

    `able_now` counts only people who could sign it today: whoever was shut out since, or lost the role, has
    no say in what goes live next. What is live already stays signed when people leave.
    """
    revision = revisions.get(connection, vault, number)
    found = signatures(connection, vault, subject_of(number))
    held = digest_held(connection, vault, number) if found else ""
    counted: dict[str, Signature] = {}
    for one in found:
        if one.digest != held or one.exception or (one.demo and not demo):
            continue
        if able_now and not _able(connection, one, revision):
            continue
        counted.setdefault(one.person, one)
    reviewed = any(one.reviewer and not one.edited for one in counted.values())
    return Standing(tuple(counted.values()), len(counted), reviewed)


def signatures(connection: Connection, vault: Vault, subject: str) -> tuple[Signature, ...]:
    """Every genuine signature under a subject, oldest first."""
    rows = connection.execute(select(t.signature).where(t.signature.c.subject == subject)).all()
    opened = (_opened(vault, row.id, row.subject, row.statement_sealed) for row in rows)
    return tuple(sorted((one for one in opened if one is not None), key=lambda one: (one.at, one.id)))


def forged(connection: Connection, vault: Vault) -> tuple[str, ...]:
    """Subjects of rows that no signer made: they do not open, or say something else than their row."""
    rows = connection.execute(select(t.signature).order_by(t.signature.c.id)).all()
    return tuple(
        row.subject for row in rows if _opened(vault, row.id, row.subject, row.statement_sealed) is None
    )


def editors(connection: Connection, house: House, revision: Revision) -> frozenset[str]:
    """Everyone who had a hand in a revision since the last one that two people signed."""
    demo, found = house.mode == "demo", {revision.origin.editor}
    before = revision.origin.made_from
    while before is not None and not standing(connection, house.vault, before, demo=demo).signed:
        step = revisions.get(connection, house.vault, before)
        found.add(step.origin.editor)
        before = step.origin.made_from
    return frozenset(found)


def subject_of(number: int) -> str:
    """What signatures under a revision are found by."""
    return f"script.{number}"


def digest_held(connection: Connection, vault: Vault, number: int) -> str:
    """The digest of what a revision really holds, whatever its row says. Raises `UnknownRevision`."""
    return digest(revisions.document_of(connection, vault, number))


def _able(connection: Connection, signature: Signature, revision: Revision) -> bool:
    if not rights_of(connection, signature.person).may(Action.SIGN, Thing.SCRIPT, revision.desk):
        return False
    if not signature.reviewer:
        return True
    held = select(t.role_grant.c.desk).where(
        t.role_grant.c.person == signature.person, t.role_grant.c.role == Role.REVIEWER.value
    )
    return bool({revision.desk, "network"} & set(connection.execute(held).scalars()))


def _opened(vault: Vault, row: str, subject: str, sealed: bytes) -> Signature | None:
    try:
        stated = Signature(**json.loads(open_sealed(vault.organisation, _place(row), sealed)))
    except (Unopenable, ValueError, TypeError):
        return None
    return stated if (stated.id, stated.subject) == (row, subject) else None


def _place(row: str) -> Place:
    return Place("signature", "statement_sealed", row)
