"""Signing in: one-time links, password with one-time code, and signed-in browsers (B-146).

An unknown alias, a wrong password, a wrong code and a suspended person look the same, in words and in work.
Of a link or a browser only the hash of its token is stored; no address of anybody is.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, delete, insert, select, update

from bot.model import NETWORK_DESK, Role
from bot.services import admitting, audit, people
from bot.services.giving_back import give_back
from bot.services.house import House
from bot.services.people import Person, Profile
from bot.services.permissions import Rights, rights_of
from bot.services.presence import CONSOLE_IDLE
from bot.store import tables as t
from bot.store.moments import to_moment
from bot.vault import totp
from bot.vault.digests import token_hash
from bot.vault.envelope import Place, open_sealed, seal
from bot.vault.errors import SecretHashUnreadable
from bot.vault.passwords import hash_secret, verify_secret

MICROSECOND: Final = timedelta(microseconds=1)
IDLE: Final = CONSOLE_IDLE
LONGEST: Final = timedelta(hours=12)
LINK_LIVES: Final = timedelta(hours=24)
SHORTEST_PASSWORD: Final = 12
_NOBODYS_SECRET: Final = "A" * 32  # same work for a stranger; its code never counts
_SHUT_OUT: Final = ("suspended", "left")
_DEMO: Final = (
    ("Maple", Role.VOLUNTEER),
    ("Juniper", Role.VOLUNTEER),
    ("Alder", Role.SUPERVISOR),
    ("Hazel", Role.REVIEWER),
    ("Rowan", Role.COORDINATOR),
)
_DEMO_TEXTS: Final = {
    "Hazel": (Role.REVIEWER,),
    "Rowan": (Role.COORDINATOR, Role.EDITOR),
}
"""Who of the demo answers for the texts of every desk, as what."""


class PasswordTooShort(ValueError):
    """The password has fewer than twelve characters."""


class WrongCode(ValueError):
    """The one-time code is not the one the app shows now, or was used already."""


@dataclass(frozen=True, slots=True)
class Visit:
    """One signed-in browser.

    Attributes:
        mark: hash of its token.
        person: who it is, as of now.
        rights: what she may do, as of now.
        form_key: secret its form tokens are derived from.
        seen_at: last sign of a person at it, microseconds.
        enrolled: False until password and one-time codes are set: then only that page opens.
    """

    mark: bytes
    person: Person
    rights: Rights
    form_key: bytes
    seen_at: int
    enrolled: bool


@dataclass(frozen=True, slots=True)
class Claim:
    """What is needed to check who someone says she is; `person` is None when nobody can be signed in."""

    person: str | None
    password: str | None
    totp: str | None
    totp_step: int | None


# --- one-time links ---------------------------------------------------------------------------------------
def issue_link(
    connection: Connection, house: House, person: str, now: int, lives: timedelta = LINK_LIVES
) -> str:
    """A new one-time link's token; earlier links of this person end."""
    token = house.identifiers.token()
    connection.execute(delete(t.sign_in).where(t.sign_in.c.person == person))
    connection.execute(
        insert(t.sign_in).values(
            token_hash=token_hash(token), person=person, expires_at=now + lives // MICROSECOND
        )
    )
    return token


def joined(first: str, second: str) -> str:
    """The token that the two halves of a reset make together (`resetting`)."""
    return f"{first.strip()}.{second.strip()}"


def half_mark(secret: str) -> bytes:
    """What is stored of the first half of a reset until the second is made."""
    return token_hash(f"half of a reset {secret}")


def joined_mark(first_mark: bytes, second: str) -> bytes:
    """What a link of two halves is found by: of the first nobody but its holder knows more than its mark."""
    return token_hash(f"{first_mark.hex()}.{second}")


def _link_mark(token: str) -> bytes:
    first, dot, second = token.partition(".")
    return joined_mark(half_mark(first), second) if dot else token_hash(token)


def link_opens(connection: Connection, token: str, now: int) -> bool:
    """Whether a link could be used now; looking uses nothing up."""
    query = select(t.sign_in.c.person).where(
        t.sign_in.c.token_hash == _link_mark(token), t.sign_in.c.expires_at > now
    )
    return connection.execute(query).first() is not None


def enter(connection: Connection, house: House, token: str, now: int) -> str | None:
    """Use up a link; returns the token of a signed-in browser, None when the link is spent or old.

    In the demo that is all. Otherwise password and one-time codes are set anew before any other page opens.
    """
    mark = _link_mark(token)
    used = connection.execute(
        select(t.sign_in).where(t.sign_in.c.token_hash == mark).with_for_update()
    ).one_or_none()
    gone = connection.execute(delete(t.sign_in).where(t.sign_in.c.token_hash == mark))
    if used is None or gone.rowcount != 1 or used.expires_at <= now:
        return None
    person = people.get(connection, house, used.person)
    if person.state in _SHUT_OUT:
        return None
    if house.mode == "demo":
        admitting.activate(connection, person.id)
    else:
        connection.execute(delete(t.console_visit).where(t.console_visit.c.person == person.id))
        fresh = replace(person.profile, password=None, totp=totp.new_secret(), totp_step=None)
        people.save_profile(connection, house, person.id, fresh)
    return begin_visit(connection, house, person.id, now)


def finish_enrolment(
    connection: Connection, house: House, person: str, password_hash: str, code: str, at: datetime
) -> None:
    """Password and one-time codes are set; raises WrongCode when the app's code does not match.

    She is active at once, or as soon as two vouch for her (`admitting`).
    """
    profile = people.get(connection, house, person).profile
    step = totp.verify(profile.totp, code, at, profile.totp_step) if profile.totp else None
    if step is None or profile.password is not None:
        raise WrongCode
    people.save_profile(connection, house, person, replace(profile, password=password_hash, totp_step=step))
    admitting.admit(connection, house, person, to_moment(at))


def new_password(text: str) -> str:
    """The hash of a password somebody chose; slow. Raises PasswordTooShort."""
    if len(text) < SHORTEST_PASSWORD:
        raise PasswordTooShort
    return hash_secret(text)


def enrolment_uri(visit: Visit) -> str:
    """What the QR code of the enrolment page holds; empty once enrolment is done."""
    profile = visit.person.profile
    if visit.enrolled or profile.totp is None:
        return ""
    return totp.provisioning_uri(profile.totp, profile.alias)


# --- password and code ------------------------------------------------------------------------------------
def claim(connection: Connection, house: House, alias: str) -> Claim:
    """What is known of the one who says she is `alias`; nobody's for strangers and those shut out."""
    try:
        person = people.find(connection, house, alias)
    except people.UnknownPerson:
        return Claim(None, None, None, None)
    profile = person.profile
    if person.state != "active" or profile.password is None or profile.totp is None:
        return Claim(None, None, None, None)
    return Claim(person.id, profile.password, profile.totp, profile.totp_step)


def proven(claimed: Claim, password: str, code: str, at: datetime) -> bool:
    """Whether password and code are right; the same work whoever it is. Slow: run it in a thread."""
    try:
        known = verify_secret(claimed.password, password)
    except SecretHashUnreadable:
        known = False
    step = totp.verify(claimed.totp or _NOBODYS_SECRET, code, at, claimed.totp_step)
    return known and step is not None and claimed.person is not None


def begin_proven(connection: Connection, house: House, claimed: Claim, code: str, at: datetime) -> str | None:
    """Sign in after `proven`: the code is used up in this very commit, so that it works for nobody else."""
    person = spend_code(connection, house, claimed, code, at)
    return None if person is None else begin_visit(connection, house, person, to_moment(at))


def spend_code(connection: Connection, house: House, claimed: Claim, code: str, at: datetime) -> str | None:
    """Use up a code after `proven`; returns who it is, None if she was shut out or it was used meanwhile."""
    if claimed.person is None:
        return None
    connection.execute(select(t.person.c.id).where(t.person.c.id == claimed.person).with_for_update()).all()
    person = people.get(connection, house, claimed.person)
    profile = person.profile
    if person.state != "active" or profile.password != claimed.password or profile.totp is None:
        return None
    step = totp.verify(profile.totp, code, at, profile.totp_step)
    if step is None:
        return None
    people.save_profile(connection, house, person.id, replace(profile, totp_step=step))
    return person.id


# --- signed-in browsers -----------------------------------------------------------------------------------
def begin_visit(connection: Connection, house: House, person: str, now: int) -> str:
    """A signed-in browser's new token."""
    token = house.identifiers.token()
    mark = token_hash(token)
    form_key = house.identifiers.token().encode()
    connection.execute(
        insert(t.console_visit).values(
            token_hash=mark,
            person=person,
            form_key_sealed=seal(house.vault.organisation, _form_key_place(mark), form_key),
            seen_at=now,
            expires_at=now + LONGEST // MICROSECOND,
        )
    )
    audit.record(connection, house.vault, person, "sign_in", person, (), now)
    return token


def visit_of(connection: Connection, house: House, token: str, now: int) -> Visit | None:
    """The signed-in browser with this token; None when it was signed out, locked itself or is shut out.

    Half an hour without a person at it locks it, except in the demo, whose link works once only.
    """
    mark = token_hash(token)
    row = connection.execute(
        select(t.console_visit).where(
            t.console_visit.c.token_hash == mark, t.console_visit.c.expires_at > now
        )
    ).one_or_none()
    demo = house.mode == "demo"
    if row is None or (not demo and row.seen_at + IDLE // MICROSECOND <= now):
        return None
    person = people.get(connection, house, row.person)
    if person.state in _SHUT_OUT:
        return None
    form_key = open_sealed(house.vault.organisation, _form_key_place(mark), row.form_key_sealed)
    profile = person.profile
    enrolled = demo or (profile.password is not None and profile.totp is not None)
    rights = rights_of(connection, person.id)
    return Visit(mark, person, rights, form_key, row.seen_at, enrolled)


def note_seen(connection: Connection, mark: bytes, now: int) -> None:
    """A person is at this browser."""
    connection.execute(
        update(t.console_visit).where(t.console_visit.c.token_hash == mark).values(seen_at=now)
    )


def end_visit(connection: Connection, mark: bytes) -> None:
    """End one browser, because the same browser signs in anew."""
    connection.execute(delete(t.console_visit).where(t.console_visit.c.token_hash == mark))


def sign_out(connection: Connection, visit: Visit) -> None:
    """End one browser; whoever has none left is no longer ready for chats, and gives hers back."""
    end_visit(connection, visit.mark)
    others = select(t.console_visit.c.person).where(t.console_visit.c.person == visit.person.id)
    if connection.execute(others).first() is None:
        people.set_present(connection, visit.person.id, present=False)
        give_back(connection, visit.person.id)


def sign_out_everywhere(connection: Connection, person: str) -> None:
    """End every browser of a person, and give her chats back."""
    connection.execute(delete(t.console_visit).where(t.console_visit.c.person == person))
    connection.execute(delete(t.sign_in).where(t.sign_in.c.person == person))
    people.set_present(connection, person, present=False)
    give_back(connection, person)


# --- the demo ---------------------------------------------------------------------------------------------
def demo_links(connection: Connection, house: House, now: int) -> list[tuple[str, str, str]]:
    """(alias, role, token) for each person of the demo, made where missing; volunteers are ready at once."""
    links: list[tuple[str, str, str]] = []
    for alias, role in _DEMO:
        person = _demo_person(connection, house, alias, role, now)
        if role is Role.VOLUNTEER:
            people.set_present(connection, person, present=True)
        links.append((alias, role.value, issue_link(connection, house, person, now)))
    return links


def _demo_person(connection: Connection, house: House, alias: str, role: Role, now: int) -> str:
    try:
        person = people.find(connection, house, alias).id
    except people.UnknownPerson:
        person = people.invite(connection, house, Profile(alias=alias, languages=["en", "ro"]), (), now)
    people.grant(connection, person, role, house.desk, now)
    for also in _DEMO_TEXTS.get(alias, ()):
        people.grant(connection, person, also, NETWORK_DESK, now)
    admitting.activate(connection, person)
    return person


def _form_key_place(mark: bytes) -> Place:
    return Place("console_visit", "form_key_sealed", mark.hex())
