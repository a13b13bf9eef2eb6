"""The library the service works with: what is published, read as one value (design §7).

In the mode `open` only what two people have signed is offered, whoever wrote into the database that something
else is live; and only languages that a practitioner vouches for, or two people let pass for thirty days.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import lru_cache
from pathlib import Path

from sqlalchemy import Connection, select

from bot.services import documents, revisions, rotas, signing, vouching
from bot.services.documents import Folder
from bot.services.library import DutyBoard, Library
from bot.services.publishing import OPEN
from bot.services.resources import names
from bot.services.revisions import KEPT_BY_CONVERSATIONS, Revision, RevisionState
from bot.services.staffing_files import staffing
from bot.services.standings import standings
from bot.store import resources as resource_rows, tables as t
from bot.store.moments import from_moment
from bot.vault.vault import Vault
from triage.directory import Directory, Resource
from triage.model import Script
from triage.reading import read_script


@dataclass(slots=True)
class _Scripts:
    """What may be said: revisions by number, and which of them each desk's newcomers meet."""

    by_number: dict[int, Script] = field(default_factory=dict[int, Script])
    live: dict[str, int] = field(default_factory=dict[str, int])
    signed: set[int] = field(default_factory=set[int])
    refused: dict[str, int] = field(default_factory=dict[str, int])
    passing: dict[str, datetime] = field(default_factory=dict[str, datetime])


def load_library(
    connection: Connection, vault: Vault, config_dir: Path | None, now: datetime, mode: str = "trial"
) -> Library:
    """Everything published, as one value: scripts and rotas from the database, words and desks from files.

    Raises `UnusableFile` when a file cannot be used.
    """
    config = documents.config_folder(config_dir)
    known = revisions.revisions(connection, vault)
    found = _scripts(connection, vault, known, mode)
    if mode == OPEN:
        _offer_vouched(connection, vault, found, config, now)
    languages = sorted({tag for script in found.by_number.values() for tag in script.languages} | {"en"})
    desks = [name for name in connection.execute(select(t.desk.c.id)).scalars() if name != "network"]
    folders, network = documents.desk_names(config), documents.network(config)
    today = now.date()
    answering = {name: documents.accountability(config, name, today) for name in desks if name in folders}
    known_desks = {name: documents.desk(config, name) for name in desks if name in folders}
    staffed = {name: staffing(config, name) for name in desks}
    planned = rotas.answered(connection, vault, now)
    standing = standings(connection, vault, planned, known_desks, staffed)
    return Library(
        scripts=found.by_number,
        live=found.live,
        recalled=frozenset(one.id for one in known if one.state is RevisionState.RECALLED),
        globals=documents.global_words(config),
        signals=documents.signals(config),
        directory=_directory(connection, desks),
        desks=known_desks,
        boards={desk: DutyBoard(each.rota, each.others, standing[desk]) for desk, each in planned.items()},
        staffing=staffed,
        grid=documents.grids(config),
        region_names={tag: names(tag, config) for tag in languages},
        sensitive=documents.sensitive(config),
        organisation=network.organisation,
        addresses=network.addresses,
        staff=documents.staff_words(config),
        answers=documents.ready_answers(config),
        pings=documents.ping_lines(config),
        signed=frozenset(found.signed),
        refused=found.refused,
        passing=found.passing,
        stands_until=min(found.passing.values(), default=None),
        hold=documents.hold_words(config),
        accountable={name: one for name, one in answering.items() if one is not None},
    )


def script_of(connection: Connection, vault: Vault, number: int) -> Script | None:
    """The script of a revision; None if it has errors, or this program no longer reads it."""
    return _parsed(revisions.document_of(connection, vault, number))


def _scripts(connection: Connection, vault: Vault, known: tuple[Revision, ...], mode: str) -> _Scripts:
    found = _Scripts()
    for one in known:
        if one.state is RevisionState.PUBLISHED:
            _choose_live(connection, vault, found, known, one, mode)
    begun = set(
        connection.execute(
            select(t.conversation.c.revision).where(t.conversation.c.revision.is_not(None)).distinct()
        ).scalars()
    )
    kept = {one.id for one in known if one.id in begun and one.state in KEPT_BY_CONVERSATIONS}
    if mode == OPEN:  # nothing unsigned is said there, to those who began while it was tried out neither
        kept = {one for one in kept if signing.standing(connection, vault, one, demo=False).signed}
    # The live ones first: whoever asks for "any script" gets one that is published.
    for number in (*found.live.values(), *sorted(kept - set(found.live.values()))):
        script = script_of(connection, vault, number)
        if script is not None:
            found.by_number[number] = script
    found.live = {desk: number for desk, number in found.live.items() if number in found.by_number}
    return found


def _choose_live(
    connection: Connection,
    vault: Vault,
    found: _Scripts,
    known: tuple[Revision, ...],
    published: Revision,
    mode: str,
) -> None:
    """What the newcomers of a desk meet: what is published; in `open`, the last of it that is signed."""
    demo = mode == "demo"
    if signing.standing(connection, vault, published.id, demo=demo).signed:
        found.signed.add(published.id)
        found.live[published.desk] = published.id
        return
    if mode != OPEN:
        found.live[published.desk] = published.id
        return
    found.refused[published.desk] = published.id
    before = [one for one in known if one.desk == published.desk and one.state is RevisionState.REPLACED]
    for one in sorted(before, key=lambda one: (one.published_at or 0, one.id), reverse=True):
        if signing.standing(connection, vault, one.id, demo=False).signed:
            found.signed.add(one.id)
            found.live[published.desk] = one.id
            return


def _offer_vouched(
    connection: Connection, vault: Vault, found: _Scripts, config: Folder, now: datetime
) -> None:
    """Keep the languages somebody vouches for. Whoever has begun in another one goes on in it."""
    for number in set(found.live.values()):
        script = found.by_number[number]
        source = revisions.source_of(connection, vault, number)
        stands = vouching.standing(connection, vault, source, script.languages, config, now, demo=False)
        offered = tuple(tag for tag in script.languages if stands[tag].offered)
        passing = {tag: from_moment(stands[tag].until) for tag in offered if not stands[tag].vouched}
        found.passing |= passing
        if offered:
            found.by_number[number] = replace(script, languages=offered)
        else:
            _withhold(found, number)


def _withhold(found: _Scripts, number: int) -> None:
    """A script in no language that may be offered is not offered at all."""
    for desk in [desk for desk, live in found.live.items() if live == number]:
        found.refused[desk] = number
        del found.live[desk]


def _directory(connection: Connection, desks: list[str]) -> Directory:
    """What the desks and the network may send."""
    rows: dict[str, Resource] = {}
    for desk in ("network", *desks):
        rows |= {row.id: row for row in resource_rows.load_directory(connection, desk).resources}
    return Directory.of(rows.values())


@lru_cache(maxsize=16)
def _parsed(document: bytes) -> Script | None:
    source = revisions.source_from(document)
    script, _ = read_script(source.document, source.texts)
    return script
