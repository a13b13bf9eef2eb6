"""One step of a script from its node: exactly one kind, its parts, its tags and flags."""

import re
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Final

from triage.model import (
    MAX_CASES,
    MAX_CHOICES,
    Ask,
    Branch,
    Callback,
    CheckPhrase,
    Choice,
    End,
    Handoff,
    Hide,
    PickRegion,
    Remember,
    Say,
    SetPhrase,
    Share,
    Step,
    StepKind,
    Tag,
    Urgency,
)
from triage.reading_node import Node
from triage.reading_yaml import Findings

CODE: Final = re.compile(r"[a-z][a-z0-9_]*\Z")
VALUE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*\Z")
MAX_ID: Final = 28  # a token "<step>.<choice>" must fit into 60 bytes
MAX_CODE: Final = 40
RESERVED_STEPS: Final = frozenset({"word", "language", "grid"})
SAFETY_ANSWERS: Final = ("alone", "seen", "unsure")
SHARES: Final = ("all", "topic")
OUTCOMES: Final = ("accepted", "declined", "nobody", "out_of_hours", "closed")
KINDS: Final = (
    "say",
    "ask",
    "share",
    "remember",
    "branch",
    "handoff",
    "callback",
    "phrase",
    "hide",
    "end",
)
_PARTS = ("to", "else", "tags", "flags", "warns")
_CHANNELS = frozenset({"web", "telegram", "matrix"})
_SUFFIXES = _CHANNELS | {"easy", "f", "m"}


def hint(word: str, known: Iterable[str]) -> str:
    """` Did you mean …?` if a known word is close, else what is known."""
    choices = list(known)
    if close := get_close_matches(word, choices, n=1, cutoff=0.6):
        return f"Did you mean `{close[0]}`?"
    listed = ", ".join(choices[:16])
    return f"Known: {listed}." if choices and len(choices) <= 16 else "Check the spelling."


class StepReader:
    """Reads the steps of one file. `step_ids`: every id there is, so that a target can be checked."""

    def __init__(self, found: Findings, step_ids: Iterable[str]) -> None:
        self._found = found
        self._ids = tuple(step_ids)

    def read(self, step_id: str, node: Node, key: Node) -> Step | None:
        """One step; None if its kind cannot be made out. Everything that is wrong with it is noted."""
        path = f"steps.{step_id}"
        self._check_id(step_id, key, path)
        if node.kind != "mapping":
            self._found.add(node, path, "A step is a mapping such as `say: {}`, `to: next_step`.")
            return None
        for name in node.entries:
            if name not in KINDS and name not in _PARTS:
                place = node.keys[name]
                known = hint(name, (*KINDS, *_PARTS))
                self._found.add(place, f"{path}.{name}", f"`{name}` is no part of a step. {known}")
        named = [name for name in KINDS if name in node.entries]
        if len(named) != 1:
            said = f"It has {len(named)}: {', '.join(named)}." if named else f"Known: {', '.join(KINDS)}."
            self._found.add(key, path, f"A step has exactly one kind. {said}")
            return None
        kind = self._kind(named[0], node, path)
        urgency, need = self._flags(node, path)
        tags = frozenset(self._tags(node, path, kind))
        warns = tuple(self._codes(node.entries.get("warns"), f"{path}.warns"))
        if kind is None:
            return None
        return Step(step_id, kind, tags, urgency, need, warns, key.line, key.column)

    def target(self, node: Node | None, path: str, place: Node) -> str:
        """A step id that must exist; "" if it is missing."""
        if node is None or not node.is_scalar:
            self._found.add(
                node or place, path, f"`{path.rpartition('.')[2]}` must name the step that follows."
            )
            return ""
        if node.value not in self._ids:
            self._found.add(node, path, f"There is no step `{node.value}`. {hint(node.value, self._ids)}")
        return node.value

    def _check_id(self, name: str, place: Node, path: str) -> None:
        if not CODE.match(name):
            self._found.add(place, path, f"`{name}` is no id. Use small letters, digits and `_`.")
        elif len(name) > MAX_ID:
            self._found.add(place, path, f"`{name}` is too long. Use at most {MAX_ID} characters.")
        elif name in RESERVED_STEPS:
            self._found.add(place, path, f"`{name}` is taken by the guide itself. Choose another id.")

    def _kind(self, name: str, node: Node, path: str) -> StepKind | None:  # noqa: C901 - one match over the kinds
        body = node.entries[name]
        here = f"{path}.{name}"
        if name in {"say", "hide", "end"}:
            self._empty(body, here)
        goes_on = name in {"say", "share", "remember"}
        match name:
            case "say":
                kind: StepKind | None = Say(self._to(node, path))
            case "ask":
                kind, goes_on = self._ask(node, body, path, here)
            case "share":
                need = self._mapping(body, here, ("need",)).get("need")
                kind = Share(self._code(need, f"{here}.need", body), self._to(node, path))
            case "remember":
                values = self._answers(body, here)
                if not values:
                    self._found.add(body, here, "Name at least one key and its code: `{topic: close}`.")
                kind = Remember(values, self._to(node, path))
            case "branch":
                kind = self._branch(node, body, path, here)
            case "handoff":
                parts = self._mapping(body, here, OUTCOMES)
                kind = Handoff(*(self.target(parts.get(one), f"{here}.{one}", body) for one in OUTCOMES))
            case "callback":
                parts = self._mapping(body, here, ("agreed", "refused"))
                kind = Callback(
                    *(self.target(parts.get(one), f"{here}.{one}", body) for one in ("agreed", "refused"))
                )
            case "phrase":
                kind, goes_on = self._phrase(node, body, path, here)
            case "hide":
                kind = Hide()
            case _:
                kind = End()
        if not goes_on and "to" in node.entries:
            self._found.add(node.keys["to"], f"{path}.to", f"`{name}` does not go on by itself. Delete `to`.")
        if name != "branch" and "else" in node.entries:
            self._found.add(node.keys["else"], f"{path}.else", "Only a branch has `else`. Delete it.")
        return kind

    def _to(self, node: Node, path: str) -> str:
        return self.target(node.entries.get("to"), f"{path}.to", node)

    def _ask(self, node: Node, body: Node, path: str, here: str) -> tuple[StepKind | None, bool]:
        parts = self._mapping(body, here, ("choices", "pick", "skip"))
        if "pick" in parts:
            if parts["pick"].value != "region":
                self._found.add(parts["pick"], f"{here}.pick", "Only `pick: region` is known.")
            if "choices" in parts:
                self._found.add(
                    parts["choices"], f"{here}.choices", "`pick` and `choices` exclude each other."
                )
            skip = self.target(parts.get("skip"), f"{here}.skip", body)
            return PickRegion(self._to(node, path), skip), True
        if "skip" in parts:
            self._found.add(
                parts["skip"], f"{here}.skip", "`skip` belongs to `pick: region`. Make it a choice."
            )
        choices = parts.get("choices")
        if choices is None or choices.kind != "list" or not choices.items:
            message = "Give the choices as a list: `choices: [{id: yes_please, to: next_step}]`."
            self._found.add(choices or body, f"{here}.choices", message)
            return None, False
        if len(choices.items) > MAX_CHOICES:
            over = choices.items[MAX_CHOICES]
            message = f"At most {MAX_CHOICES} choices: 9 hides and 0 shows more. Move some to another step."
            self._found.add(over, f"{here}.choices[{MAX_CHOICES}]", message)
        read = [self._choice(item, f"{here}.choices[{place}]") for place, item in enumerate(choices.items)]
        seen: set[str] = set()
        for place, choice in enumerate(read):
            if choice.id in seen:
                message = f"Two choices are called `{choice.id}`. Rename one."
                self._found.add(choices.items[place], f"{here}.choices[{place}].id", message)
            seen.add(choice.id)
        return Ask(tuple(read)), False

    def _choice(self, node: Node, path: str) -> Choice:
        parts = self._mapping(node, path, ("id", "to", "remember"))
        name = self._code(parts.get("id"), f"{path}.id", node)
        if len(name) > MAX_ID:
            self._found.add(node, f"{path}.id", f"`{name}` is too long. Use at most {MAX_ID} characters.")
        if name == "text" or name in _SUFFIXES:
            self._found.add(node, f"{path}.id", f"`{name}` is a word of text keys. Choose another id.")
        remember = parts.get("remember")
        answers = self._answers(remember, f"{path}.remember") if remember is not None else None
        return Choice(name, self.target(parts.get("to"), f"{path}.to", node), answers or {})

    def _branch(self, node: Node, body: Node, path: str, here: str) -> StepKind:
        cases: list[tuple[str, str]] = []
        if body.kind != "list" or not body.items:
            self._found.add(body, here, "Give the cases as a list: `[{when: region == RO, to: next_step}]`.")
        if len(body.items) > MAX_CASES:
            found = body.items[MAX_CASES]
            self._found.add(found, f"{here}[{MAX_CASES}]", f"At most {MAX_CASES} cases. Branch in two steps.")
        for place, item in enumerate(body.items):
            at = f"{here}[{place}]"
            parts = self._mapping(item, at, ("when", "to"))
            when = parts.get("when")
            if when is None or not when.is_scalar:
                self._found.add(when or item, f"{at}.when", "Say when: `when: region == RO`.")
            cases.append((when.value if when else "", self.target(parts.get("to"), f"{at}.to", item)))
        return Branch(tuple(cases), self.target(node.entries.get("else"), f"{path}.else", node))

    def _phrase(self, node: Node, body: Node, path: str, here: str) -> tuple[StepKind | None, bool]:
        if body.is_scalar and body.value == "set":
            return SetPhrase(self._to(node, path)), True
        check = body.entries.get("check")
        if check is None or len(body.entries) != 1:
            self._found.add(body, here, "Write `phrase: set`, or `phrase: {check: {found: …, unknown: …}}`.")
            return None, False
        parts = self._mapping(check, f"{here}.check", ("found", "unknown"))
        ends = (self.target(parts.get(one), f"{here}.check.{one}", check) for one in ("found", "unknown"))
        return CheckPhrase(*ends), False

    def _flags(self, node: Node, path: str) -> tuple[Urgency | None, str | None]:
        flags = node.entries.get("flags")
        if flags is None:
            return None, None
        parts = self._mapping(flags, f"{path}.flags", ("urgency", "need"))
        urgency, need = parts.get("urgency"), parts.get("need")
        level: Urgency | None = None
        if urgency is not None:
            if urgency.value in set(Urgency):
                level = Urgency(urgency.value)
            else:
                self._found.add(
                    urgency, f"{path}.flags.urgency", f"`{urgency.value}` is no urgency: U0 to U3."
                )
        return level, self._code(need, f"{path}.flags.need", flags) if need is not None else None

    def _tags(self, node: Node, path: str, kind: StepKind | None) -> list[str]:
        tags = self._codes(node.entries.get("tags"), f"{path}.tags")
        known = [tag.value for tag in Tag]
        for place, tag in enumerate(tags):
            if tag not in known and not tag.startswith("card."):
                item = node.entries["tags"].items[place]
                message = f"`{tag}` is no tag. {hint(tag, (*known, 'card.<need>'))}"
                self._found.add(item, f"{path}.tags[{place}]", message)
        if Tag.SAFE_CHECK in tags and isinstance(kind, Ask):
            self._one_of(node, kind, "safety", SAFETY_ANSWERS, path)
        if isinstance(kind, Ask):
            self._one_of(node, kind, "shares", SHARES, path)
        return tags

    def _one_of(self, node: Node, kind: Ask, key: str, codes: tuple[str, ...], path: str) -> None:
        for place, choice in enumerate(kind.choices):
            if key in choice.remember and choice.remember[key] not in codes:
                message = f"`{key}` is one of {', '.join(codes)}."
                self._found.add(node, f"{path}.ask.choices[{place}].remember.{key}", message)

    def _answers(self, node: Node, path: str) -> Mapping[str, str]:
        if node.kind != "mapping":
            self._found.add(node, path, "Write keys and codes: `{topic: close}`.")
            return {}
        answers: dict[str, str] = {}
        for key, value in node.entries.items():
            if not CODE.match(key):
                self._found.add(
                    node.keys[key], f"{path}.{key}", f"`{key}` is no key. Use small letters and `_`."
                )
            answers[key] = self._code(value, f"{path}.{key}", node)
        return answers

    def _code(self, node: Node | None, path: str, place: Node) -> str:
        if node is None or not node.is_scalar:
            self._found.add(node or place, path, f"`{path.rpartition('.')[2]}` must be one code.")
            return ""
        if not VALUE.match(node.value) or len(node.value) > MAX_CODE:
            message = (
                f"`{node.value[:MAX_CODE]}` is no code. Use letters, digits and `_`, at most {MAX_CODE}."
            )
            self._found.add(node, path, message)
        return node.value

    def _codes(self, node: Node | None, path: str) -> list[str]:
        if node is None:
            return []
        if node.kind != "list":
            self._found.add(node, path, "Write a list: `[one, two]`.")
            return []
        return [self._code(item, f"{path}[{place}]", node) for place, item in enumerate(node.items)]

    def _mapping(self, node: Node, path: str, known: tuple[str, ...]) -> dict[str, Node]:
        if node.kind != "mapping":
            self._found.add(node, path, f"Write a mapping with {', '.join(f'`{one}`' for one in known)}.")
            return {}
        for name in node.entries:
            if name not in known:
                message = f"`{name}` is not known here. {hint(name, known)}"
                self._found.add(node.keys[name], f"{path}.{name}", message)
        return node.entries

    def _empty(self, node: Node, path: str) -> None:
        if not node.is_null and not (node.kind == "mapping" and not node.entries):
            self._found.add(node, path, f"`{path.rpartition('.')[2]}` holds nothing: write `{{}}`.")
