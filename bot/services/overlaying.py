"""A desk changes single steps and texts of the network's script, by id (design §7 Desks).

Its files hold only what differs: `over: <script>` with the steps that differ, and beside it the texts that
differ. They are laid over a revision of the network; what comes of it is linted, signed and published like
any script. When the network's script changes, the desk's is to be looked at again: it holds older texts.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection

from bot.model import NETWORK_DESK
from bot.services import revisions
from bot.services.documents import Overlay, ScriptSource, UnusableFile
from bot.services.house import House
from bot.services.permissions import Action
from bot.services.revisions import Origin, Revision, RevisionState
from bot.services.rewriting import with_steps, with_texts
from bot.services.sheets import plain
from bot.services.staff_acts import demand_right, note
from bot.vault.vault import Vault
from triage.issue import Severity
from triage.reading import SourceFile
from triage.reading_yaml import Findings, Node, read_tree

OVER: Final = "over"
_TOP: Final = ("spec", OVER, "steps")


class NoOverlay(LookupError):
    """This desk has no changes of its own over the network's script."""


@dataclass(frozen=True, slots=True)
class ToReview:
    """A desk's changes whose ground has moved: laid over `base`, while `live` is the network's now."""

    desk: str
    revision: int
    base: int
    live: int


def is_overlay(source: ScriptSource) -> bool:
    """Whether these files only change another script."""
    root = read_tree(source.document, Findings(source.document.name))
    return root is not None and root.kind == "mapping" and OVER in root.entries


def merge(base: ScriptSource, changes: ScriptSource, number: int = 0) -> ScriptSource:
    """Lay a desk's changes over a script; `number` is the revision that `base` is.

    Raises `UnusableFile` for changes that fit nothing, `CannotRewrite` for a base that is no YAML.
    """
    steps = _steps(changes, base)
    document = with_steps(base.document, steps) if steps else base.document
    texts = dict(base.texts)
    for tag, file in changes.texts.items():
        if tag not in texts:
            raise UnusableFile(f"{file.name}: the network's script has no texts in {tag}")
        texts[tag] = with_texts(texts[tag], _texts(file))
    overlay = Overlay(changes.document, changes.texts, number, revisions.digest_of(base))
    return ScriptSource(base.name, document, texts, overlay)


def lay_over_live(connection: Connection, vault: Vault, changes: ScriptSource) -> ScriptSource:
    """Lay a desk's changes over what the network has published. Raises `NoOverlay`, and as `merge`."""
    live = revisions.live_revision(connection, vault, NETWORK_DESK)
    if live is None:
        raise NoOverlay("The network has published no script that a desk could change.")
    base = revisions.source_of(connection, vault, live.id)
    return merge(replace(base, overlay=None), changes, live.id)


def merge_anew(connection: Connection, house: House, actor: str, desk: str, now: datetime) -> Revision:
    """Lay the changes of a desk over the network's script as it is now: a new draft.

    Raises `NoOverlay`, `NotAllowed`, and as `merge`.
    """
    demand_right(connection, actor, Action.EDIT, desk)
    revisions.lock_desk(connection, desk)
    live = revisions.live_revision(connection, house.vault, desk)
    newest = _newest_overlay(connection, house.vault, desk, live)
    changes = changes_of(revisions.source_of(connection, house.vault, newest.id))
    source = lay_over_live(connection, house.vault, changes)
    origin = Origin(actor, newest.id, live.id if live is not None else 0)
    draft = revisions.add(connection, house.vault, desk, source, origin, now)
    note(connection, house, actor, "merge", draft.id, (desk,), now)
    return draft


def changes_of(source: ScriptSource) -> ScriptSource:
    """The desk's own files of a merged script. Raises `NoOverlay`."""
    if source.overlay is None:
        raise NoOverlay("This script is whole: it changes no other.")
    return ScriptSource(source.name, source.overlay.document, source.overlay.texts)


def empty_changes(base: ScriptSource) -> ScriptSource:
    """A desk's changes before the first one."""
    document = SourceFile(f"{base.name}.yaml", f"spec: 1\n{OVER}: {base.name}\n")
    return ScriptSource(base.name, document, {})


def to_review(connection: Connection, vault: Vault) -> tuple[ToReview, ...]:
    """Live changes of desks that were laid over another revision than the network's live one."""
    ground = revisions.live_revision(connection, vault, NETWORK_DESK)
    if ground is None:
        return ()
    found: list[ToReview] = []
    for one in revisions.revisions(connection, vault):
        if one.state is not RevisionState.PUBLISHED or one.desk == NETWORK_DESK:
            continue
        base = revisions.base_of(connection, vault, one)
        if base is not None and base != ground.id:
            found.append(ToReview(one.desk, one.id, base, ground.id))
    return tuple(found)


def _newest_overlay(connection: Connection, vault: Vault, desk: str, live: Revision | None) -> Revision:
    """The draft somebody works on, else what is live."""
    drafts = [
        one
        for one in revisions.revisions(connection, vault, desk)
        if one.state is RevisionState.DRAFT and revisions.base_of(connection, vault, one) is not None
    ]
    if drafts:
        return drafts[-1]
    if live is None or revisions.base_of(connection, vault, live) is None:
        raise NoOverlay(f"Desk {desk} has no changes of its own over the network's script.")
    return live


def _steps(changes: ScriptSource, base: ScriptSource) -> dict[str, Any]:
    file = changes.document
    root = _tree(file)
    for key in root.entries:
        if key not in _TOP:
            line = root.keys[key].line
            raise UnusableFile(
                f"{file.name}:{line}: `{key}` is not known here. A desk's changes have: {', '.join(_TOP)}."
            )
    over = root.entries.get(OVER)
    if over is None or over.value != base.name:
        raise UnusableFile(f"{file.name}: `{OVER}` must name the network's script: {base.name}")
    steps = root.entries.get("steps")
    if steps is None:
        return {}
    if steps.kind != "mapping":
        raise UnusableFile(f"{file.name}:{steps.line}: `steps` is a list of steps by id, as in any script")
    return {name: plain(node) for name, node in steps.entries.items()}


def _texts(file: SourceFile) -> dict[str, str | None]:
    root = _tree(file)
    found: dict[str, str | None] = {}
    for key, node in root.entries.items():
        if node.kind != "scalar":
            raise UnusableFile(f"{file.name}:{node.line}: `{key}` must be a text")
        found[key] = node.value
    return found


def _tree(file: SourceFile) -> Node:
    found = Findings(file.name)
    root = read_tree(file, found)
    errors = [str(issue) for issue in found.issues if issue.severity is Severity.ERROR]
    if root is None or root.kind != "mapping" or errors:
        raise UnusableFile("\n".join(errors) or f"{file.name}: it is not a list of `key: value` lines")
    return root
