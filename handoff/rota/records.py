"""Changes and absences as plain values, for a store and for files: every field is checked."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Final, TypeVar, cast

from handoff.model import Tier
from handoff.rota.absence import Absence, AbsenceKind
from handoff.rota.changes import (
    Act,
    Add,
    CancelInstance,
    Change,
    ChangeStatus,
    Close,
    MoveInstance,
    Remove,
    Replace,
    Stretch,
    Swap,
    Undo,
)

_SHARED: Final = frozenset(
    {"seq", "kind", "status", "effective_at", "recorded_at", "proposed_by", "approved_by", "reason"}
)
_FIELDS: Final[Mapping[str, frozenset[str]]] = {
    "replace": frozenset({"from", "to", "start", "end", "instance"}),
    "add": frozenset({"to", "start", "end", "tier", "role", "instance"}),
    "remove": frozenset({"from", "start", "end", "instance"}),
    "swap": frozenset({"a", "b"}),
    "cancel_instance": frozenset({"instance"}),
    "move_instance": frozenset({"instance", "start", "end"}),
    "close": frozenset({"start", "end"}),
    "undo": frozenset({"undo_of"}),
}
"""Kind → the fields it may have besides those of every record."""

_SIDE: Final = frozenset({"who", "start", "end", "instance"})
_ABSENCE: Final = frozenset(
    {"volunteer", "start", "end", "kind", "effective_at", "withdrawn_at", "recorded_at"}
)

T = TypeVar("T")


class BadRecord(ValueError):
    """A record that is not what `write_change` or `write_absence` makes; the text names the field."""


def instant(plain: object, name: str = "a moment") -> datetime:
    """A moment written with its offset, such as 2026-03-28T21:00:00Z. Raises BadRecord."""
    if not isinstance(plain, str):
        raise BadRecord(f"{name} is missing, or not a text such as 2026-03-28T21:00:00Z")
    try:
        moment = datetime.fromisoformat(plain)
    except ValueError:
        raise BadRecord(f"{name}: {plain!r} is not a moment such as 2026-03-28T21:00:00Z") from None
    if moment.tzinfo is None:
        raise BadRecord(f"{name}: {plain!r} has no offset: write Z for UTC")
    return moment.astimezone(UTC)


def written(moment: datetime) -> str:
    """A moment as `2026-03-28T21:00:00Z`, with a fraction only where it has one."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def read_change(plain: object) -> Change:
    """The change a plain value holds. Raises BadRecord."""
    fields = _mapping(plain, "a change")
    kind = fields.get("kind")
    if not isinstance(kind, str) or kind not in _FIELDS:
        raise BadRecord(f"kind: {kind!r} is none of {', '.join(_FIELDS)}")
    _only(fields, _SHARED | _FIELDS[kind], f"a change of kind {kind}")
    return Change(
        seq=_whole(fields, "seq"),
        act=_act(kind, fields),
        status=_one_of(ChangeStatus, fields.get("status"), "status"),
        effective_at=_optional(fields, "effective_at", instant),
        recorded_at=_optional(fields, "recorded_at", instant),
        proposed_by=_optional(fields, "proposed_by", _word),
        approved_by=_optional(fields, "approved_by", _word),
        reason=_optional(fields, "reason", _word) or "",
    )


def write_change(change: Change) -> dict[str, Any]:
    """The plain value of a change; `read_change` reads it back."""
    plain = {
        "seq": change.seq,
        **_plain_act(change.act),
        "status": change.status.value,
        "effective_at": change.effective_at,
        "recorded_at": change.recorded_at,
        "proposed_by": change.proposed_by,
        "approved_by": change.approved_by,
        "reason": change.reason,
    }
    return _plain(plain)


def read_absence(plain: object) -> Absence:
    """The absence a plain value holds. Raises BadRecord."""
    fields = _mapping(plain, "an absence")
    _only(fields, _ABSENCE, "an absence")
    start, end = instant(fields.get("start"), "start"), _optional(fields, "end", instant)
    if end is not None and end <= start:
        raise BadRecord("end does not lie after start")
    return Absence(
        volunteer=_word(fields.get("volunteer"), "volunteer"),
        start=start,
        end=end,
        kind=_one_of(AbsenceKind, fields.get("kind", AbsenceKind.LEAVE.value), "kind"),
        effective_at=_optional(fields, "effective_at", instant),
        withdrawn_at=_optional(fields, "withdrawn_at", instant),
        recorded_at=_optional(fields, "recorded_at", instant),
    )


def write_absence(absence: Absence) -> dict[str, Any]:
    """The plain value of an absence; `read_absence` reads it back."""
    return _plain(
        {
            "volunteer": absence.volunteer,
            "start": absence.start,
            "end": absence.end,
            "kind": absence.kind.value,
            "effective_at": absence.effective_at,
            "withdrawn_at": absence.withdrawn_at,
            "recorded_at": absence.recorded_at,
        }
    )


def _act(kind: str, fields: Mapping[str, object]) -> Act:
    match kind:
        case "replace":
            return Replace(_stretch(fields, "from"), _word(fields.get("to"), "to"))
        case "remove":
            return Remove(_stretch(fields, "from"))
        case "swap":
            return Swap(_side(fields, "a"), _side(fields, "b"))
        case "add":
            start, end = _window(fields)
            tier = _one_of(Tier, fields.get("tier", Tier.PRIMARY.value), "tier")
            role = _optional(fields, "role", _word) or ""
            who = _word(fields.get("to"), "to")
            return Add(who, start, end, tier, role, _optional(fields, "instance", _word))
        case "cancel_instance":
            return CancelInstance(_word(fields.get("instance"), "instance"))
        case "move_instance":
            return MoveInstance(_word(fields.get("instance"), "instance"), *_window(fields))
        case "close":
            return Close(*_window(fields))
        case _:
            return Undo(_whole(fields, "undo_of"))


def _side(fields: Mapping[str, object], name: str) -> Stretch:
    side = _mapping(fields.get(name), f"{name} of a swap")
    _only(side, _SIDE, f"{name} of a swap")
    return _stretch(side, "who", f"{name}.")


def _stretch(fields: Mapping[str, object], who: str, path: str = "") -> Stretch:
    name = _word(fields.get(who), f"{path}{who}")
    instance = _optional(fields, "instance", _word)
    if instance is not None and fields.get("start") is None and fields.get("end") is None:
        return Stretch(name, instance=instance)
    return Stretch(name, *_window(fields, path), instance)


def _window(fields: Mapping[str, object], path: str = "") -> tuple[datetime, datetime]:
    start = instant(fields.get("start"), f"{path}start")
    end = instant(fields.get("end"), f"{path}end")
    if end <= start:
        raise BadRecord(f"{path}end does not lie after {path}start")
    return start, end


def _plain_act(act: Act) -> dict[str, object]:
    match act:
        case Replace(stretch, to):
            return {"kind": "replace", **_plain_stretch(stretch, "from"), "to": to}
        case Remove(stretch):
            return {"kind": "remove", **_plain_stretch(stretch, "from")}
        case Swap(a, b):
            return {"kind": "swap", "a": _plain_stretch(a, "who"), "b": _plain_stretch(b, "who")}
        case Add():
            window = {"start": act.start, "end": act.end}
            what = {"tier": act.tier.value, "role": act.role, "instance": act.instance}
            return {"kind": "add", "to": act.who, **window, **what}
        case CancelInstance(instance):
            return {"kind": "cancel_instance", "instance": instance}
        case MoveInstance(instance, start, end):
            return {"kind": "move_instance", "instance": instance, "start": start, "end": end}
        case Close(start, end):
            return {"kind": "close", "start": start, "end": end}
        case Undo(seq):
            return {"kind": "undo", "undo_of": seq}


def _plain_stretch(stretch: Stretch, who: str) -> dict[str, object]:
    return _plain(
        {who: stretch.who, "start": stretch.start, "end": stretch.end, "instance": stretch.instance}
    )


def _plain(fields: Mapping[str, object]) -> dict[str, Any]:
    """Without what is not said, moments as text."""
    return {
        name: written(value) if isinstance(value, datetime) else value
        for name, value in fields.items()
        if value is not None and value != ""
    }


def _mapping(plain: object, what: str) -> Mapping[str, object]:
    if not isinstance(plain, Mapping):
        raise BadRecord(f"{what} is a mapping of fields")
    return cast("Mapping[str, object]", plain)


def _only(fields: Mapping[str, object], known: frozenset[str], what: str) -> None:
    unknown = sorted(set(fields) - known)
    if unknown:
        raise BadRecord(f"{what} has no field {unknown[0]!r}; it has: {', '.join(sorted(known))}")


def _whole(fields: Mapping[str, object], name: str) -> int:
    value = fields.get(name)
    if not isinstance(value, int) or isinstance(value, bool):
        raise BadRecord(f"{name} is a whole number, not {value!r}")
    return value


def _word(value: object, name: str = "a word") -> str:
    if not isinstance(value, str) or not value.strip():
        raise BadRecord(f"{name} is missing, or not a word")
    return value


def _optional(fields: Mapping[str, object], name: str, read: Callable[[object, str], T]) -> T | None:
    value = fields.get(name)
    return None if value is None else read(value, name)


def _one_of(choices: Callable[[object], T], value: object, name: str) -> T:
    try:
        return choices(value)
    except ValueError as fault:
        raise BadRecord(f"{name}: {value!r} is not one this release knows") from fault
