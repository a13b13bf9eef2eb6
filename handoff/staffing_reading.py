"""`escalation.yaml`, `care.yaml` and `training.yaml`: text in, frozen values and complaints out.

escalation.yaml                            care.yaml
  strategy: waves                            limits:
  rungs:                                       shift: {hours: 6, force: hard}
    - {after: 0, tier: primary, at_most: 2}    week: {hours: 20, force: soft}
    - {after: 90, tier: backup}              breaks:
  offer_seconds: 60                            - {after_minutes: 120, minutes: 15}
  required_skills: {sexual_violence: sv}     forced_break: {after_minutes: 300, force: hard}
  max_chats: 2                               cooldown: {minutes: 20, force: soft}
                                             swaps: {approval: coordinator, closes_hours: 12}

training.yaml
  modules:
    listening: {name: Listening, valid_months: 12}
  required:
    tiers: {primary: [listening]}
    roles: {supervisor: [listening]}
    skills: {minors: [listening]}
"""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any, Final, TypeVar

from handoff.breaks import Break, BreakPolicy
from handoff.care import CarePolicy
from handoff.document import Node, parse
from handoff.issue import Complaint
from handoff.limits import Force, Limits
from handoff.model import Refusal, Tier
from handoff.policy import NotAPolicy, Policy, Rung, skill_asked
from handoff.staffing import Care, Escalation
from handoff.strategies import Strategy
from handoff.swaps import SwapApproval, SwapPolicy
from handoff.training import Module, Training

SPEC = 1
Value = TypeVar("Value")
Read = tuple[Value | None, tuple[Complaint, ...]]

_SECONDS: Final = (
    *("offer_seconds", "again_seconds", "recheck_seconds", "alert_seconds", "relax_seconds"),
    *("long_wait_seconds", "urgent_divisor", "ending_soon_seconds", "language_level"),
)
_FORCES: Final = {force.value: force for force in Force}
_TIERS: Final = {tier.value: tier for tier in Tier}
_LIMITS: Final = {
    "shift": Refusal.SHIFT_CAP, "night_shift": Refusal.SHIFT_CAP, "day": Refusal.DAY_CAP,
    "week": Refusal.WEEK_CAP, "rest": Refusal.REST, "free": Refusal.REST, "nights": Refusal.NIGHT_CAP,
}  # fmt: skip


def read_escalation(text: str, file: str) -> Read[Escalation]:
    """The ladder of a desk. None when the document has errors."""
    keys = (
        "strategy",
        "rungs",
        *_SECONDS,
        "required_skills",
        "preferred_skills",
        "region_bound",
        "max_chats",
    )
    return _read(text, file, keys, _escalation)


def read_care(text: str, file: str) -> Read[Care]:
    """The limits and the care of a desk. None when the document has errors."""
    keys = (
        *("limits", "breaks", "forced_break", "cooldown"),
        *("heavy_in_a_week", "probation_days", "asks_in_a_week", "swaps"),
    )
    return _read(text, file, keys, _care)


def read_training(text: str, file: str) -> Read[Training]:
    """The organisation's modules and what needs them. None when the document has errors."""
    return _read(text, file, ("modules", "required"), _training)


def _read(
    text: str, file: str, keys: tuple[str, ...], build: Callable[[Node, Mapping[str, Node]], Value]
) -> Read[Value]:
    root = parse(text, file)
    if root.value is None:
        return None, tuple(root.complaints)
    fields = root.fields(("spec", *keys))
    spec = fields.get("spec")
    if spec is not None and spec.whole() != SPEC:
        spec.complain(f"this release reads spec: {SPEC}")
    value = build(root, fields)
    stands = not any(not complaint.warning for complaint in root.complaints)
    return (value if stands else None), tuple(sorted(root.complaints))


# --- escalation ---------------------------------------------------------------------------------------
def _escalation(root: Node, fields: Mapping[str, Node]) -> Escalation:
    values: dict[str, Any] = {}
    if "strategy" in fields:
        values["strategy"] = fields["strategy"].one_of({one.value: one for one in Strategy}) or Strategy.WAVES
    if "rungs" in fields:
        values["rungs"] = fields["rungs"].each(_rung)
    for name in _SECONDS:
        if name in fields and (number := fields[name].whole()) is not None:
            values[name] = number
    for name in ("required_skills", "preferred_skills"):
        if name in fields:
            values[name] = _skills(fields[name])
    if "region_bound" in fields:
        values["region_bound"] = frozenset(fields["region_bound"].each(Node.word))
    try:
        policy = Policy(**values)
    except NotAPolicy as fault:
        root.complain(str(fault))
        policy = Policy()
    return Escalation(policy, _at_least_one(fields.get("max_chats")))


def _rung(node: Node) -> Rung | None:
    fields = node.fields(("after", "tier", "at_most"), required=("after", "tier"))
    after = fields["after"].whole() if "after" in fields else None
    tier = fields["tier"].one_of(_TIERS) if "tier" in fields else None
    at_most = _at_least_one(fields.get("at_most"))
    return None if after is None or tier is None else Rung(after, tier, at_most)


def _skills(node: Node) -> dict[str, str]:
    found: dict[str, str] = {}
    for need, entry in (node.entries() or {}).items():
        word = entry.word()
        if word is None:
            continue
        try:
            skill_asked(word)
        except NotAPolicy as fault:
            entry.complain(str(fault))
        found[need] = word
    return found


def _at_least_one(node: Node | None) -> int | None:
    number = None if node is None else node.whole()
    if node is not None and number is not None and number < 1:
        node.complain("at least 1; leave it out for no limit")
    return number


# --- care -----------------------------------------------------------------------------------------------
def _care(_root: Node, fields: Mapping[str, Node]) -> Care:
    after: dict[str, Any] = {}
    if "cooldown" in fields:
        minutes, force = _minutes_and_force(fields["cooldown"], "minutes")
        after |= {"cooldown": minutes, "cooldown_force": force}
    for name in ("heavy_in_a_week", "probation_days", "asks_in_a_week"):
        if name in fields and (number := fields[name].whole()) is not None:
            after[name] = number
    known = {name: value for name, value in after.items() if value is not None}
    limits = _limits(fields["limits"]) if "limits" in fields else Limits()
    swaps = _swaps(fields["swaps"]) if "swaps" in fields else SwapPolicy()
    return Care(limits, _breaks(fields), CarePolicy(**known), swaps)


def _limits(node: Node) -> Limits:
    values: dict[str, Any] = {}
    forces: dict[Refusal, Force] = {}
    for name, entry in node.fields(tuple(_LIMITS)).items():
        fields = entry.fields(("hours", "number", "force"))
        amount = fields.get("number" if name == "nights" else "hours")
        if amount is not None and (number := _number(amount)) is not None:
            values[name] = int(number) if name == "nights" else number
        if "force" in fields and (force := fields["force"].one_of(_FORCES)) is not None:
            forces[_LIMITS[name]] = force
    return Limits(**values, forces=forces)


def _swaps(node: Node) -> SwapPolicy:
    fields = node.fields(("approval", "closes_hours"))
    values: dict[str, Any] = {}
    if "approval" in fields:
        values["approval"] = fields["approval"].one_of({one.value: one for one in SwapApproval})
    if "closes_hours" in fields and (hours := _number(fields["closes_hours"])) is not None:
        values["closes_before"] = timedelta(hours=hours)
    return SwapPolicy(**{name: value for name, value in values.items() if value is not None})


def _breaks(fields: Mapping[str, Node]) -> BreakPolicy:
    values: dict[str, Any] = {}
    if "breaks" in fields:
        values["breaks"] = fields["breaks"].each(_break)
    if "forced_break" in fields:
        after, force = _minutes_and_force(fields["forced_break"], "after_minutes")
        values |= {"forced_after": after, "force": force}
    return BreakPolicy(**{name: value for name, value in values.items() if value is not None})


def _break(node: Node) -> Break | None:
    fields = node.fields(("after_minutes", "minutes"), required=("after_minutes", "minutes"))
    after = _number(fields["after_minutes"]) if "after_minutes" in fields else None
    lasts = _number(fields["minutes"]) if "minutes" in fields else None
    if after is None or lasts is None:
        return None
    return Break(timedelta(minutes=after), timedelta(minutes=lasts))


def _minutes_and_force(node: Node, key: str) -> tuple[timedelta | None, Force | None]:
    fields = node.fields((key, "force"))
    minutes = _number(fields[key]) if key in fields else None
    force = fields["force"].one_of(_FORCES) if "force" in fields else None
    return None if minutes is None else timedelta(minutes=minutes), force


def _number(node: Node) -> float | None:
    if isinstance(node.value, (int, float)) and not isinstance(node.value, bool) and node.value > 0:
        return float(node.value)
    node.complain("expected a number above 0")
    return None


# --- training -------------------------------------------------------------------------------------------
def _training(_root: Node, fields: Mapping[str, Node]) -> Training:
    modules: dict[str, Module] = {}
    entries = fields["modules"].entries() if "modules" in fields else None
    for code, node in (entries or {}).items():
        own = node.fields(("name", "valid_months"), required=("name",))
        name = own["name"].word() if "name" in own else None
        months = own["valid_months"].whole() if "valid_months" in own else None
        modules[code] = Module(code, name or code, months)
    required: Mapping[str, Node] = {}
    if "required" in fields:
        required = fields["required"].fields(("tiers", "roles", "skills"))
    by_tier = _codes_by(required.get("tiers"), modules)
    for word in by_tier.keys() - _TIERS.keys():
        required["tiers"].complain(f"{word!r} is not one of {', '.join(_TIERS)}")
    return Training(
        modules=modules,
        for_tier={_TIERS[word]: codes for word, codes in by_tier.items() if word in _TIERS},
        for_role=_codes_by(required.get("roles"), modules),
        for_skill=_codes_by(required.get("skills"), modules),
    )


def _codes_by(node: Node | None, modules: Mapping[str, Module]) -> dict[str, frozenset[str]]:
    found: dict[str, frozenset[str]] = {}
    for word, entry in ((node.entries() or {}) if node is not None else {}).items():
        codes = frozenset(entry.each(Node.word))
        for code in sorted(codes - modules.keys()):
            entry.complain(f"there is no module {code!r}; there are: {', '.join(modules) or 'none'}")
        found[word] = codes
    return found
