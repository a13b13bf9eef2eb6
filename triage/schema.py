"""JSON Schemas of what authors write (draft 2020-12), for editors that complete and check while one types.

Built from the vocabulary of `triage.model` and the words the readers accept, so that they cannot say less or
more. A schema sees one document at a time and no meaning: that a target exists, that a text belongs to a
step, and every rule of the linter is told by `hotline scripts lint` alone.
"""

from typing import Any, Final

from triage.conditions import MAX_LENGTH
from triage.model import (
    MAX_CASES,
    MAX_CHOICES,
    MAX_FEARS,
    MAX_LANGUAGES,
    MAX_STEPS,
    MAX_TEXT,
    SPEC,
    Tag,
    Urgency,
)
from triage.reading_steps import MAX_CODE, MAX_ID, OUTCOMES, RESERVED_STEPS
from triage.reading_texts import CHANNELS, EASY, FORMS
from triage.sheets import KINDS, SHEET_SPEC

Schema = dict[str, Any]  # Any: JSON

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
_CODE: Final[Schema] = {"type": "string", "pattern": "^[A-Za-z0-9][A-Za-z0-9_.-]*$", "maxLength": MAX_CODE}
_STEP_ID: Final[Schema] = {"type": "string", "pattern": "^[a-z][a-z0-9_]*$", "maxLength": MAX_ID}
_EMPTY: Final[Schema] = {"type": ["object", "null"], "maxProperties": 0}
_LANGUAGE: Final[Schema] = {"type": "string", "pattern": "^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$", "maxLength": 35}


def script_schema() -> Schema:
    """The schema of `<name>.yaml`."""
    properties: Schema = {
        "spec": {"const": SPEC, "description": "The form of the language this script is written in."},
        "id": {**_STEP_ID, "maxLength": MAX_CODE, "description": "The name of the script."},
        "start": {**_step_id(), "description": "The first step."},
        "languages": {
            "type": "array",
            "minItems": 1,
            "maxItems": MAX_LANGUAGES,
            "uniqueItems": True,
            "items": _LANGUAGE,
            "description": "Published languages, the source language first; texts in <name>.<tag>.yaml.",
        },
        "fears": {
            "type": "object",
            "maxProperties": MAX_FEARS,
            "propertyNames": _STEP_ID,
            "additionalProperties": {"type": "array", "items": {"type": "string"}},
            "description": "What people may be afraid of, each with the keys of the texts that answer it.",
        },
        "steps": {
            "type": "object",
            "minProperties": 1,
            "maxProperties": MAX_STEPS,
            "propertyNames": {**_STEP_ID, "not": {"enum": sorted(RESERVED_STEPS)}},
            "additionalProperties": {"oneOf": _steps()},
        },
    }
    required = ["spec", "id", "start", "languages", "steps"]
    return _document("A script: what the guide asks and says, step by step.", properties, required)


def texts_schema() -> Schema:
    """The schema of `<name>.<language>.yaml`."""
    channels = "|".join(CHANNELS)
    endings = rf"(\.({channels}))?(\.{EASY})?(\.({'|'.join(FORMS)}))?"
    key = rf"^[a-z][a-z0-9_]*\.[A-Za-z0-9][A-Za-z0-9_-]*{endings}$"
    return {
        "$schema": DIALECT,
        "title": "The texts of one language.",
        "description": "Keys: <step>.<text or choice>[.<channel>][.easy][.f|.m]; word.<name>.",
        "type": "object",
        "minProperties": 1,
        "propertyNames": {"pattern": key},
        "additionalProperties": {"type": "string", "minLength": 1, "maxLength": MAX_TEXT},
    }


def sheet_schema() -> Schema:
    """The schema of a sheet: canned answers, a bot profile, pings or group rules of one language."""
    properties: Schema = {
        "spec": {"const": SHEET_SPEC},
        "kind": {"enum": sorted(KINDS)},
        "language": _LANGUAGE,
        "texts": {
            "type": "object",
            "minProperties": 1,
            "propertyNames": _STEP_ID,
            "additionalProperties": {"type": "string", "minLength": 1, "maxLength": MAX_TEXT},
        },
    }
    return _document("Texts beside the scripts.", properties, ["spec", "kind", "language", "texts"])


def _document(title: str, properties: Schema, required: list[str]) -> Schema:
    return {"$schema": DIALECT, "title": title, **_closed(properties, required)}


def _closed(properties: Schema, required: list[str]) -> Schema:
    return {
        "type": "object",
        "additionalProperties": False,
        "required": required,
        "properties": properties,
    }


def _step_id() -> Schema:
    return dict(_STEP_ID)


def _steps() -> list[Schema]:
    to = {"to": _step_id()}
    return [
        _step("say", _EMPTY, "Says its text and goes on.", to),
        _step("ask", _ask(), "Says its text, offers choices, waits."),
        _step("ask", _pick(), "Offers the countries of the directory, waits; remembers `region`.", to),
        _step("share", _closed({"need": _CODE}, ["need"]), "Gives at most three resources and goes on.", to),
        _step("remember", _answers(), "Stores codes, never her words, and goes on.", to),
        _step("branch", _cases(), "The first case whose condition holds, else `else`.", {"else": _step_id()}),
        _step("handoff", _ways(OUTCOMES), "Asks for a person and waits; each outcome leads to a step."),
        _step("callback", _ways(("agreed", "refused")), "Offers one later neutral message."),
        _step("phrase", {"const": "set"}, "She picks words by which she is known when she returns.", to),
        _step("phrase", _closed({"check": _ways(("found", "unknown"))}, ["check"]), "She taps her words."),
        _step("hide", _EMPTY, "Does what the word hide does."),
        _step("end", _EMPTY, "Says its text if there is one, and the conversation is over."),
    ]


def _step(kind: str, body: Schema, says: str, more: Schema | None = None) -> Schema:
    parts: Schema = {kind: body, **(more or {})}
    return {"description": says, **_closed({**parts, **_common()}, list(parts))}


def _common() -> Schema:
    tag = {"anyOf": [{"enum": [one.value for one in Tag]}, {**_CODE, "pattern": "^card\\.[a-z0-9_]+$"}]}
    flags: Schema = {"urgency": {"enum": [one.value for one in Urgency]}, "need": _CODE}
    return {
        "tags": {"type": "array", "items": tag},
        "flags": {**_closed(flags, []), "description": "Urgency and need of a later handoff."},
        "warns": {"type": "array", "items": _CODE, "description": "Warnings that the card's text holds."},
    }


def _ask() -> Schema:
    endings = ["text", *CHANNELS, EASY, *FORMS]  # words of text keys
    name = {**_CODE, "maxLength": MAX_ID, "not": {"enum": endings}}
    choice = _closed({"id": name, "to": _step_id(), "remember": _answers()}, ["id", "to"])
    choices = {"type": "array", "minItems": 1, "maxItems": MAX_CHOICES, "items": choice}
    return _closed({"choices": choices}, ["choices"])


def _pick() -> Schema:
    return _closed({"pick": {"const": "region"}, "skip": _step_id()}, ["pick", "skip"])


def _answers() -> Schema:
    return {
        "type": "object",
        "minProperties": 1,
        "propertyNames": {"pattern": "^[a-z][a-z0-9_]*$"},
        "additionalProperties": _CODE,
    }


def _cases() -> Schema:
    when = {"type": "string", "minLength": 1, "maxLength": MAX_LENGTH}
    case = _closed({"when": when, "to": _step_id()}, ["when", "to"])
    return {"type": "array", "minItems": 1, "maxItems": MAX_CASES, "items": case}


def _ways(names: tuple[str, ...]) -> Schema:
    return _closed({name: _step_id() for name in names}, list(names))
