"""What the linter says of a script, before anybody signs or publishes it (design §7, PR14)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from bot.services import documents, revisions
from bot.services.callbacks import PING
from bot.services.documents import Folder, ScriptSource
from triage.issue import Issue, Severity
from triage.lint.check import check
from triage.model import Ask, Callback, Remember, Script, Step
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
    return script, (*issues, *found, *_promised_callbacks(script, documents.ping_lines(config)))


def _promised_callbacks(script: Script, lines: Mapping[str, Mapping[str, str]]) -> Iterator[Issue]:
    """Callbacks this program could not keep: it must have a neutral line in every language (B-019).

    Whether somebody will be there is asked of the rota when one is offered, not here.
    """
    lacking = [tag for tag in script.languages if not lines.get(tag)]
    for step in script.steps.values():
        path = f"steps.{step.id}"
        if isinstance(step.kind, Callback) and lacking:
            told = (
                f"No neutral line in {', '.join(lacking)}. Write sheets/pings.<language>.yaml, or take the "
                "step out: a callback that nobody can send is a false promise."
            )
            yield Issue(script.file, step.line, 0, "spec", Severity.ERROR, f"{path}.callback", told)
        for code in sorted(_lines_picked(step)):
            missing = [tag for tag in script.languages if code not in lines.get(tag, {})]
            if missing:
                told = f"`{code}` is no line of sheets/pings in {', '.join(missing)}. Name one that is."
                yield Issue(script.file, step.line, 0, "spec", Severity.ERROR, path, told)


def _lines_picked(step: Step) -> set[str]:
    """The neutral lines that answers of this step pick."""
    kept: list[Mapping[str, str]] = []
    if isinstance(step.kind, Ask):
        kept = [choice.remember for choice in step.kind.choices]
    elif isinstance(step.kind, Remember):
        kept = [step.kind.values]
    return {one[PING] for one in kept if PING in one}
