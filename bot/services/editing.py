"""Changing texts of a script: every save makes another draft, and nobody's work is lost (design §7, B-121).

Two people who change the same draft: the first save takes its place, the second is told so and keeps what she
wrote, to be saved on top of the newer draft once she has looked at it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, update

from bot.model import NETWORK_DESK
from bot.services import overlaying, revisions
from bot.services.documents import Overlay, ScriptSource
from bot.services.house import House
from bot.services.permissions import Action
from bot.services.revisions import Origin, Revision, RevisionState
from bot.services.rewriting import with_texts
from bot.services.sheets import sheet_of
from bot.services.staff_acts import demand_right, note
from bot.store import tables as t
from triage.reading import SourceFile
from triage.reading_texts import split_suffixes

LONGEST_TEXT: Final = 4_000
"""Characters of one text; the linter's own limits are far below."""

Texts = Mapping[tuple[str, str], str]
"""(language, key) → text."""


class DraftMoved(Exception):
    """Somebody saved a later draft meanwhile; nothing was changed. `newest` is the draft to look at."""

    def __init__(self, newest: Revision) -> None:
        super().__init__(f"revision {newest.id} was saved meanwhile")
        self.newest = newest


class NotEditable(ValueError):
    """This revision cannot be changed; the text says what can be done instead."""


class UnknownText(ValueError):
    """The script has no such text, or it is too long."""


@dataclass(frozen=True, slots=True)
class Saved:
    """What a save led to; `changed` is False when every text was as it is already."""

    revision: Revision
    changed: bool = True


def save_texts(
    connection: Connection, house: House, actor: str, number: int, texts: Texts, now: datetime
) -> Saved:
    """Change texts of a revision: of a draft, or of anything that was live, which begins a new draft.

    An empty text takes a variant out; of a text that a step must have it stays empty, and the linter says so.
    For a desk's changes it brings the network's text back. Raises `NotAllowed`, `DraftMoved`, `NotEditable`,
    `UnknownText`, `UnknownRevision`, `CannotRewrite`.
    """
    source = revisions.source_of(connection, house.vault, number)
    base = base_source(connection, house, source)
    return save(connection, house, actor, number, rewritten(source, base, texts), now)


def save(
    connection: Connection, house: House, actor: str, number: int, fresh: ScriptSource | None, now: datetime
) -> Saved:
    """Keep what `rewritten` made of a revision. Raises as `save_texts`."""
    base = revisions.locked(connection, house.vault, number)
    demand_right(connection, actor, Action.EDIT, base.desk)
    if base.state is RevisionState.REVISED:
        raise DraftMoved(newest_of(connection, house, base))
    if base.state is RevisionState.DISCARDED:
        raise NotEditable(f"Revision {number} was put aside. Begin from the live one.")
    if fresh is None:
        return Saved(base, changed=False)
    return Saved(_take_place(connection, house, actor, base, fresh, now))


def base_source(connection: Connection, house: House, source: ScriptSource) -> ScriptSource | None:
    """What a desk's changes are laid over; None for a whole script."""
    if source.overlay is None:
        return None
    return revisions.source_of(connection, house.vault, source.overlay.base)


def begin_overlay(connection: Connection, house: House, actor: str, desk: str, now: datetime) -> Revision:
    """A draft in which a desk may change texts of the network's script for itself.

    Raises `NotAllowed`, `NotEditable`, `NoOverlay`.
    """
    demand_right(connection, actor, Action.EDIT, desk)
    if desk == NETWORK_DESK:
        raise NotEditable("The network's own texts are changed directly.")
    revisions.lock_desk(connection, desk)
    ground = revisions.live_revision(connection, house.vault, NETWORK_DESK)
    if ground is None:
        raise overlaying.NoOverlay("The network has published no script that a desk could change.")
    base = revisions.source_of(connection, house.vault, ground.id)
    source = overlaying.merge(base, overlaying.empty_changes(base), ground.id)
    live = revisions.live_revision(connection, house.vault, desk)
    origin = Origin(actor, None, live.id if live is not None else 0)
    draft = revisions.add(connection, house.vault, desk, source, origin, now)
    note(connection, house, actor, "edit", draft.id, (desk,), now)
    return draft


def newest_of(connection: Connection, house: House, revision: Revision) -> Revision:
    """The draft that stands at the end of the drafts made from this one."""
    known = revisions.revisions(connection, house.vault, revision.desk)
    newest = revision
    for one in known:  # oldest first: each was made after what it was made from
        if one.origin.made_from == newest.id and newest.state is RevisionState.REVISED:
            newest = one
    return newest


def _changed(source: ScriptSource, texts: Texts) -> dict[tuple[str, str], str | None]:
    """What really differs; None takes a line out. Raises `UnknownText`."""
    sheet = sheet_of(source)
    known = {key: step for step in sheet.steps for key in step.keys}
    changed: dict[tuple[str, str], str | None] = {}
    for (tag, key), typed in texts.items():
        if key not in known or tag not in source.texts:
            raise UnknownText(f"There is no text {key} in {tag}.")
        text = "\n".join(line.rstrip() for line in typed.replace("\r\n", "\n").split("\n")).strip()
        if len(text) > LONGEST_TEXT:
            raise UnknownText(f"{key} in {tag} is longer than {LONGEST_TEXT:,} characters.")
        if text == sheet.texts[tag].get(key, ""):
            continue
        variant = bool(split_suffixes(key)[1])
        gone = not text and (variant or key in known[key].optional or source.overlay is not None)
        changed[tag, key] = None if gone else text
    return changed


def rewritten(source: ScriptSource, base: ScriptSource | None, texts: Texts) -> ScriptSource | None:
    """The script with other texts, None where nothing differs. Slow: not inside a transaction.

    `base` is what a desk's changes are laid over. Raises `UnknownText`, `CannotRewrite`.
    """
    changed = _changed(source, texts)
    if not changed:
        return None
    if source.overlay is not None and base is not None:
        return _desk_rewritten(source, source.overlay, base, changed)
    files = dict(source.texts)
    for tag in dict.fromkeys(tag for tag, _ in changed):
        mine = {key: text for (language, key), text in changed.items() if language == tag}
        files[tag] = with_texts(files[tag], mine)
    return replace(source, texts=files)


def _desk_rewritten(
    source: ScriptSource,
    overlay: Overlay,
    base: ScriptSource,
    changed: Mapping[tuple[str, str], str | None],
) -> ScriptSource:
    """A desk's change is written into its own files; a text that is the network's again leaves them."""
    theirs = sheet_of(base).texts
    over = dict(overlay.texts)
    for tag in dict.fromkeys(tag for tag, _ in changed):
        mine = {
            key: None if text == theirs.get(tag, {}).get(key) else text
            for (language, key), text in changed.items()
            if language == tag
        }
        own = over.get(tag) or SourceFile(source.texts[tag].name, "")
        over[tag] = with_texts(own, mine)
    kept = {tag: file for tag, file in over.items() if file.text.strip()}
    return overlaying.merge(base, ScriptSource(source.name, overlay.document, kept), overlay.base)


def _take_place(
    connection: Connection,
    house: House,
    actor: str,
    base: Revision,
    source: ScriptSource,
    now: datetime,
) -> Revision:
    live = revisions.live_revision(connection, house.vault, base.desk)
    over = live.id if live is not None else 0
    if base.state is RevisionState.DRAFT:
        over = base.origin.over if base.origin.over is not None else over
        row = t.script_revision.c
        taken = connection.execute(
            update(t.script_revision)
            .where(row.id == base.id, row.state == RevisionState.DRAFT.value)
            .values(state=RevisionState.REVISED.value)
        )
        if taken.rowcount != 1:
            raise DraftMoved(newest_of(connection, house, revisions.get(connection, house.vault, base.id)))
    draft = revisions.add(connection, house.vault, base.desk, source, Origin(actor, base.id, over), now)
    note(connection, house, actor, "edit", draft.id, (f"from.{base.id}",), now)
    return draft
