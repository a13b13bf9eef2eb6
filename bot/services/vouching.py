"""In `open` a language is offered when a practitioner who grew up with it vouches for it (design §7 Modes).

She vouches for its texts in a revision and for what else reaches a woman in that language from files: the
signal list, the page "what we hold" and the words that work everywhere. Each signature names exactly what was
read, and lapses when that changes. Without one a language is not offered; two people together may let it pass
for thirty days, and that is shown.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection

from bot.model import Role
from bot.services import documents, people, revisions, signing
from bot.services.documents import Folder, ScriptSource
from bot.services.house import House
from bot.services.signing import SIGNERS, NotSignable, Proof, Signature, SignedAlready
from bot.store.moments import from_moment, to_moment
from bot.vault.digests import digest
from bot.vault.vault import Vault

EXCEPTION_LASTS: Final = timedelta(days=30)
TEXTS: Final = "texts"
WORDS: Final = "words"


class UnknownLanguage(ValueError):
    """The script has no texts in this language."""


class NotNative(ValueError):
    """Only a reviewer with this language in her profile can vouch for it."""


@dataclass(frozen=True, slots=True)
class Vouched:
    """How a language stands.

    Attributes:
        tag: the language.
        texts_by: alias of the practitioner who vouches for its texts, "" for none.
        words_by: the same for its lists and pages in files.
        until: when an exception of two people ends, microseconds since 1970 UTC; 0 for no exception.
    """

    tag: str
    texts_by: str
    words_by: str
    until: int

    @property
    def vouched(self) -> bool:
        """Whether practitioners vouch for all of it."""
        return bool(self.texts_by and self.words_by)

    @property
    def offered(self) -> bool:
        """Whether it may be offered in the mode `open`."""
        return self.vouched or bool(self.until)

    @property
    def told(self) -> str:
        """In words, for lists and pages: never more than what was proven."""
        if self.vouched:
            return f"{self.texts_by} vouches for its texts, {self.words_by} for its lists and page words"
        if self.until:
            day = from_moment(self.until).date().isoformat()
            return f"nobody vouches for {self.missing}; two people let it pass until {day}"
        return f"nobody vouches for {self.missing}: it is not offered once the line is open for good"

    @property
    def missing(self) -> str:
        """What nobody vouches for, in words; empty when all is vouched for."""
        parts = [("its texts", self.texts_by), ("its lists and page words", self.words_by)]
        return " and ".join(what for what, by in parts if not by)


def vouch(
    connection: Connection,
    house: House,
    proof: Proof,
    number: int,
    tag: str,
    config: Folder,
    now: datetime,
    *,
    exception: bool = False,
) -> Vouched:
    """Sign a language of a revision, and what reaches her in it from files.

    With `exception` nothing is vouched for: two people let the language pass for thirty days. Raises
    `UnknownRevision`, `UnknownLanguage`, `NotNative`, `NotSignable`, `SignedAlready`, and as `signing.prove`.
    """
    revision = revisions.locked(connection, house.vault, number)
    if revision.state not in signing.SIGNABLE:
        raise NotSignable(f"Revision {number} is {revision.state.value}: it cannot be signed any more.")
    source = revisions.source_of(connection, house.vault, number)
    if tag not in source.texts:
        known = ", ".join(source.texts)
        raise UnknownLanguage(f"Revision {number} has no texts in {tag}; it has: {known}.")
    if lacking := documents.lacking_words(config, tag):
        raise NotSignable(f"There is nothing to sign yet: {' and '.join(lacking)} must be written for {tag}.")
    person = people.get(connection, house, proof.person)
    native = person.has(Role.REVIEWER, revision.desk) and tag in person.profile.languages
    if not native and not exception:
        raise NotNative(
            f"{person.profile.alias} cannot vouch for {tag}: that takes the role reviewer, and {tag} among "
            "the languages of her profile."
        )
    until = to_moment(now + EXCEPTION_LASTS) if exception else 0
    wanted = _subjects(source, tag, config)
    open_ones = {
        subject: content
        for subject, content in wanted.items()
        if not _signed_by(connection, house, subject, content, proof.person, now, exception=exception)
    }
    if not open_ones:
        raise SignedAlready(f"You have signed {tag} as it stands already.")
    signer = signing.prove(connection, house, proof, revision.desk, now)
    for subject, content in open_ones.items():
        signing.record_statement(connection, house, signer, subject, content, now, until=until)
    demo = house.mode == "demo"
    return standing(connection, house.vault, source, [tag], config, now, demo=demo)[tag]


def standing(
    connection: Connection,
    vault: Vault,
    source: ScriptSource,
    tags: Iterable[str],
    config: Folder,
    now: datetime,
    *,
    demo: bool,
) -> dict[str, Vouched]:
    """How each language of a script stands now."""
    return {tag: _standing(connection, vault, source, tag, config, now, demo=demo) for tag in tags}


def _standing(
    connection: Connection,
    vault: Vault,
    source: ScriptSource,
    tag: str,
    config: Folder,
    now: datetime,
    *,
    demo: bool,
) -> Vouched:
    by: list[str] = []
    ends: list[int] = []
    for subject, content in _subjects(source, tag, config).items():
        counted = [
            one
            for one in signing.signatures(connection, vault, subject)
            if one.digest == content and (demo or not one.demo)
        ]
        by.append(next((one.alias for one in counted if not one.exception), ""))
        if not by[-1]:
            ends.append(_exception_ends(counted, to_moment(now)))
    return Vouched(tag, by[0], by[1], min(ends, default=0))


def _exception_ends(counted: Iterable[Signature], now: int) -> int:
    """Until when two different people let it pass; 0 when fewer than two do."""
    latest: dict[str, int] = {}
    for one in counted:
        if one.exception and one.until > now:
            latest[one.person] = max(one.until, latest.get(one.person, 0))
    ends = sorted(latest.values(), reverse=True)
    return ends[SIGNERS - 1] if len(ends) >= SIGNERS else 0


def _signed_by(
    connection: Connection,
    house: House,
    subject: str,
    content: str,
    person: str,
    now: datetime,
    *,
    exception: bool,
) -> bool:
    return any(
        one.person == person
        and one.digest == content
        and one.exception == exception
        and (not exception or one.until > to_moment(now))
        for one in signing.signatures(connection, house.vault, subject)
    )


def _subjects(source: ScriptSource, tag: str, config: Folder) -> dict[str, str]:
    """Subject → digest of what it stands for now."""
    return {
        f"{TEXTS}.{tag}": digest(source.texts[tag].text.encode()),
        f"{WORDS}.{tag}": digest(documents.read_by_her(config, tag)),
    }
