"""What a rule is given: the script under lint from every side it needs, and how to name a place in it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from triage.issue import Issue, Severity
from triage.lint.facts import NOTHING_KNOWN, Facts
from triage.lint.graph import Graph, build_graph
from triage.lint.spots import Spots
from triage.lint.wording import Wording, wordings
from triage.lint.words import WordLists
from triage.model import Script

NO_WORDS = WordLists()


@dataclass(frozen=True, slots=True)
class Draft:
    """A script with what it is judged by.

    Attributes:
        script: the script.
        words: language → word lists.
        globals_: language → global action → the words that stand for it, the shown one first.
        service_names: names of the organisation and the service, as sensitive as any word (D-20).
        graph: the script's graph.
        wordings: every text of every language.
        spots: every place she can come to, with the gates she has passed.
        facts: what is known beside the script.
    """

    script: Script
    words: Mapping[str, WordLists]
    globals_: Mapping[str, Mapping[str, tuple[str, ...]]]
    service_names: tuple[str, ...]
    graph: Graph
    wordings: tuple[Wording, ...]
    spots: Spots
    facts: Facts = NOTHING_KNOWN

    def lists(self, language: str) -> WordLists:
        """The word lists of `language`; empty ones where there are none (D-50 tells)."""
        return self.words.get(language, NO_WORDS)

    def spoken(self) -> Iterator[Wording]:
        """What the guide says."""
        return (wording for wording in self.wordings if wording.is_spoken)

    def labels(self) -> Iterator[Wording]:
        """What she says by a tap."""
        return (wording for wording in self.wordings if wording.is_label)

    def at_step(
        self, rule: str, step: str, message: str, *, inside: str = "", severity: Severity = Severity.ERROR
    ) -> Issue:
        """An issue at a step; `inside` names the part of it, "choices.yes"."""
        place = self.script.steps[step]
        path = f"steps.{step}.{inside}" if inside else f"steps.{step}"
        return Issue(self.script.file, place.line, place.column, rule, severity, path, message)

    def at_script(
        self, rule: str, message: str, *, path: str = "steps", severity: Severity = Severity.ERROR
    ) -> Issue:
        """An issue of the whole script: something that should be there is not."""
        return Issue(self.script.file, 1, 1, rule, severity, path, message)

    def at_text(
        self, rule: str, wording: Wording, message: str, *, severity: Severity = Severity.ERROR
    ) -> Issue:
        """An issue at a text."""
        return Issue(wording.file, wording.line, wording.column, rule, severity, wording.key, message)

    def at_language(self, rule: str, language: str, message: str, *, path: str = "") -> Issue:
        """An issue of a language as a whole, told in its text file."""
        file = self.script.text_files.get(language, self.script.file)
        return Issue(file, 1, 1, rule, Severity.ERROR, path or language, message)


def draft_of(
    script: Script,
    words: Mapping[str, WordLists],
    globals_: Mapping[str, Mapping[str, tuple[str, ...]]],
    service_names: tuple[str, ...] = (),
    facts: Facts = NOTHING_KNOWN,
) -> Draft:
    """Look at `script` from every side, once for all rules."""
    return Draft(
        script, words, globals_, service_names, build_graph(script), wordings(script), Spots(script), facts
    )
