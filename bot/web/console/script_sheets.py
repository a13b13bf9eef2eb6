"""Scripts laid out and linted for pages: beside the event loop, and once for each content."""

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, TypeVar

from bot.services import documents, revisions
from bot.services.comparing import Change, compare
from bot.services.documents import Folder, ScriptSource
from bot.services.house import House
from bot.services.judging import Verdict, judge
from bot.services.library import Library
from bot.services.sheets import WORDS, Sheet, sheet_of
from bot.web.console.doors import ConsoleDoors
from triage.issue import Issue, Severity

MOST_KEPT: Final = 24
Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Findings:
    """What the linter found, by where it stands.

    Attributes:
        whole: findings on the script as a whole, or on a file that cannot be read.
        steps: step → findings on the step itself.
        texts: (language, key) → findings on one text.
        errors: how many are errors; warnings: how many are not.
    """

    whole: tuple[Issue, ...]
    steps: dict[str, list[Issue]]
    texts: dict[tuple[str, str], list[Issue]]
    errors: int
    warnings: int

    def of_step(self, step: str) -> bool:
        """Whether anything was found in a step or its texts."""
        return step in self.steps or any(key.partition(".")[0] == step for _, key in self.texts)


@dataclass(slots=True)
class Sheets:
    """Lays out and lints, remembering the last contents; forgets when words or scripts were read anew."""

    doors: ConsoleDoors
    _laid: "OrderedDict[str, Sheet]" = field(default_factory=OrderedDict[str, Sheet])
    _judged: "OrderedDict[str, Verdict]" = field(default_factory=OrderedDict[str, Verdict])
    _library: Library | None = None

    @property
    def config(self) -> Folder:
        """The folder of words the linter reads."""
        return documents.config_folder(self.doors.config_dir)

    async def laid(self, source: ScriptSource) -> Sheet:
        """A script laid out for people."""
        return await _once(self._laid, revisions.digest_of(source), lambda: sheet_of(source))

    async def verdict(self, source: ScriptSource) -> Verdict:
        """What the linter says of it."""
        house = self.doors.house
        if self._library is not house.library:
            self._judged.clear()
            self._library = house.library
        digest = revisions.digest_of(source)
        return await _once(self._judged, digest, lambda: _judge(house, source, self.config))

    async def fresh_verdict(self, source: ScriptSource) -> Verdict:
        """The same with the words as they are this moment: what publishing and signing go by."""
        return await asyncio.to_thread(_judge, self.doors.house, source, self.config)

    async def changes(self, old: ScriptSource, new: ScriptSource) -> tuple[Change, ...]:
        """What changes from one to the other."""
        before, after = await self.laid(old), await self.laid(new)
        return await asyncio.to_thread(compare, before, after)


def findings_of(verdict: Verdict, sheet: Sheet, source: ScriptSource) -> Findings:
    """Put each finding where it belongs on the sheet."""
    languages = {file.name: tag for tag, file in source.texts.items()}
    steps = {step.id for step in sheet.steps}
    whole: list[Issue] = []
    by_step: dict[str, list[Issue]] = {}
    by_text: dict[tuple[str, str], list[Issue]] = {}
    known = {key for step in sheet.steps for key in step.keys}
    for issue in verdict.issues:
        step = _step_of(issue)
        language = languages.get(issue.file)
        if language is not None and issue.path in known:
            by_text.setdefault((language, issue.path), []).append(issue)
        elif step in steps:
            by_step.setdefault(step, []).append(issue)
        else:
            whole.append(issue)
    errors = sum(issue.severity is Severity.ERROR for issue in verdict.issues)
    return Findings(tuple(whole), by_step, by_text, errors, len(verdict.issues) - errors)


def _step_of(issue: Issue) -> str:
    """The step a finding is on: "steps.hello.ask…", or a text key such as "hello.text"."""
    parts = issue.path.split(".")
    if parts[0] == "steps":
        return parts[1] if len(parts) > 1 else ""
    return parts[0] if len(parts) > 1 or parts[0] == WORDS else ""


def _judge(house: House, source: ScriptSource, config: Folder) -> Verdict:
    return judge(source, config, house.organisation)


async def _once(kept: "OrderedDict[str, Value]", digest: str, work: Callable[[], Value]) -> Value:
    if digest in kept:
        kept.move_to_end(digest)
        return kept[digest]
    value = await asyncio.to_thread(work)
    kept[digest] = value
    while len(kept) > MOST_KEPT:
        kept.popitem(last=False)
    return value
