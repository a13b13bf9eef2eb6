"""The bot's texts for everybody's eyes: read from the configuration, checked as scripts are (B-023, D-20)."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, cast

from ruamel.yaml.error import YAMLError

from bot.services import documents
from bot.services.documents import Folder
from bot.services.judging import SERVICE_NAMES
from bot.services.plain_yaml import read_plain
from triage.issue import Issue, Severity
from triage.lint.matching import find, fold

FOLDER: Final = "telegram"
FIELDS: Final = {"name": 64, "short_description": 120, "description": 512}
COMMANDS: Final = ("start", "menu", "more", "language", "hide", "official")
"""What the menu offers: each is understood in every language (design §4)."""

MOST_IN_A_COMMAND: Final = 256
_COMMAND: Final = re.compile(r"[a-z0-9_]{1,32}")


@dataclass(frozen=True, slots=True)
class ProfileText:
    """One language's texts as they are written; `commands` in the order of the menu."""

    language: str
    name: str
    short_description: str
    description: str
    commands: Mapping[str, str]


def read_profiles(config: Folder) -> tuple[tuple[ProfileText, ...], tuple[Issue, ...]]:
    """Every language's texts, and what is wrong with the form of the files; none where there is no folder."""
    folder = config / FOLDER
    if not folder.is_dir():
        return (), ()
    found: list[ProfileText] = []
    issues: list[Issue] = []
    for file in sorted(folder.iterdir(), key=lambda one: one.name):
        stem, _, rest = file.name.partition(".")
        if stem == "profile" and rest.endswith(".yaml"):
            text, wrong = _read(file.name, rest.removesuffix(".yaml"), documents.text_of(file))
            issues += wrong
            found += [text] if text is not None else []
    return tuple(found), tuple(issues)


def lint_profiles(config: Folder, organisation: str) -> tuple[Issue, ...]:
    """Everything wrong with them: form, lengths, commands, and words that others must not see."""
    texts, issues = read_profiles(config)
    reveals = revealing(config, organisation)
    found = list(issues)
    for one in texts:
        found += _lengths(one)
        for place, text in _texts(one):
            if shown := reveals(text, (one.language,)):
                told = f"“{shown}” is seen by whoever sees the phone. Say it neutrally."
                found.append(_issue(one.language, "D-20", place, told))
    return tuple(found)


def revealing(config: Folder, organisation: str) -> Callable[[str, Iterable[str]], str]:
    """What in a text gives away the matter, read in these languages; "" for nothing."""
    lists = documents.word_lists(config)
    names = tuple(fold(name) for name in (*SERVICE_NAMES, organisation) if name)

    def reveals(text: str, languages: Iterable[str]) -> str:
        folded = fold(text)
        for language in languages:
            sensitive = lists[language].sensitive if language in lists else ()
            if shown := find(sensitive, folded) or find(names, folded):
                return shown.group()
        return ""

    return reveals


def _read(name: str, language: str, text: str) -> tuple[ProfileText | None, list[Issue]]:
    try:
        plain: Any = read_plain(text)
    except YAMLError:
        return None, [_issue(language, "spec", name, "It is not YAML.")]
    if not isinstance(plain, dict):
        return None, [_issue(language, "spec", name, "It holds no texts. Take the shipped one as a model.")]
    given = cast("dict[Any, Any]", plain)
    issues = [
        _issue(language, "spec", str(key), "Nothing is done with this. Correct or remove it.")
        for key in given
        if key not in {*FIELDS, "commands"}
    ]
    missing = [field for field in (*FIELDS, "commands") if not given.get(field)]
    issues += [_issue(language, "spec", field, "It is missing.") for field in missing]
    commands: Any = given.get("commands")
    if missing or not isinstance(commands, dict):
        return None, issues
    listed = {str(key): str(value) for key, value in cast("dict[Any, Any]", commands).items()}
    texts = {field: str(given[field]) for field in FIELDS}
    return ProfileText(language=language, commands=listed, **texts), issues


def _lengths(one: ProfileText) -> Iterator[Issue]:
    for field, most in FIELDS.items():
        length = len(getattr(one, field))
        if length > most:
            told = f"{length} characters; Telegram takes {most}. Shorten it."
            yield _issue(one.language, "spec", field, told)
    for name, about in one.commands.items():
        if not _COMMAND.fullmatch(name) or not 0 < len(about) <= MOST_IN_A_COMMAND:
            told = "A command is 1 to 32 of a-z, 0-9 and _, its text 1 to 256 characters."
            yield _issue(one.language, "spec", f"commands.{name}", told)
        if name not in COMMANDS:
            told = f"Nobody answers to it. Known are: {', '.join(COMMANDS)}."
            yield _issue(one.language, "spec", f"commands.{name}", told)
    for name in COMMANDS:
        if name not in one.commands:
            yield _issue(one.language, "spec", "commands", f"{name} is missing.")


def _texts(one: ProfileText) -> Iterator[tuple[str, str]]:
    for field in FIELDS:
        yield field, getattr(one, field)
    for name, about in one.commands.items():
        yield f"commands.{name}", f"{name} {about}"


def _issue(language: str, rule: str, path: str, message: str) -> Issue:
    return Issue(f"profile.{language}.yaml", 0, 0, rule, Severity.ERROR, path, message)
