"""What the linter says of a script, before anybody signs or publishes it (design §7, PR14)."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from bot.services import documents, revisions
from bot.services.documents import Folder, ScriptSource
from triage.issue import Issue, Severity
from triage.lint.check import check
from triage.model import Callback, Script
from triage.reading import read_script

SERVICE_NAMES: Final = ("Hearthline", "hotline")
"""Names of the program itself, which a preview must not show (D-20)."""


class HasErrors(Exception):
    """The linter found errors, so the script is not published (PR14); `issues` holds everything found."""

    def __init__(self, issues: tuple[Issue, ...]) -> None:
        errors = [issue for issue in issues if issue.severity is Severity.ERROR]
        lines = [str(issue) for issue in errors]
        super().__init__("\n".join([*lines, f"{len(lines)} errors stand in the way of publishing."]))
        self.issues = issues


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the linter says of one content. Linting takes a while: it is done before the transaction."""

    digest: str
    issues: tuple[Issue, ...]

    @property
    def errors(self) -> tuple[Issue, ...]:
        """What stands in the way of publishing."""
        return tuple(issue for issue in self.issues if issue.severity is Severity.ERROR)

    def demand_clean(self, number: int, held: str) -> None:
        """Raise `HasErrors`, or `ValueError` for a verdict on another content."""
        if self.digest != held:
            raise ValueError(f"the verdict is not on revision {number}")
        if self.errors:
            raise HasErrors(self.issues)


def judge(source: ScriptSource, config: Folder, organisation: str = "") -> Verdict:
    """Lint a script with the words of `config`. Slow: not inside a transaction."""
    return Verdict(revisions.digest_of(source), lint(source, config, organisation)[1])


def lint(
    source: ScriptSource, config: Folder, organisation: str = ""
) -> tuple[Script | None, tuple[Issue, ...]]:
    """Read a script and try every rule on it, with the words of `config`."""
    script, issues = read_script(source.document, source.texts)
    if script is None:
        return None, issues
    service_names = (*SERVICE_NAMES, *((organisation,) if organisation else ()))
    words, globals_ = documents.word_lists(config), documents.global_words_plain(config)
    found = check(script, words, globals_, service_names, documents.lint_facts(config))
    return script, (*issues, *found, *_promised_callbacks(script))


def _promised_callbacks(script: Script) -> Iterator[Issue]:
    """Steps of a kind this program cannot keep: no page can be rung, and nothing is sent first (PR4)."""
    message = "No channel of this version can keep a callback. Take the step out."
    for step in script.steps.values():
        if isinstance(step.kind, Callback):
            path = f"steps.{step.id}.callback"
            yield Issue(script.file, step.line, 0, "spec", Severity.ERROR, path, message)
