"""D-02: `hide` and `stop` work in every language, and she is told so at least every third message.

Reason: the phone can be taken from her hand at any moment; what she was not told she cannot use (B-003,
B-013; N-EXIT). An ask offers `hide` as choice 9, so only a chain of three messages that wait for nothing
can leave it out.
Cure: give both words in every published language; name `{hide}` in the notice and in one of the three
messages.
"""

from collections.abc import Iterable

from triage.issue import Issue
from triage.lint.chains import message_rows
from triage.lint.draft import Draft
from triage.lint.graph import WAITING
from triage.model import GlobalAction, Tag

WORD = "{hide}"
LONGEST_WITHOUT = 2


def check(draft: Draft) -> Iterable[Issue]:
    """Yield missing words, notices that do not name the word, and chains that leave it out."""
    for language in draft.script.languages:
        for action in (GlobalAction.HIDE, GlobalAction.STOP):
            if not draft.globals_.get(language, {}).get(action):
                yield draft.at_language(
                    "D-02", language, f"No word for `{action}` in {language}. Give it one."
                )
        yield from _notice_issues(draft, language)
    shown = {step.id for step in draft.script.steps.values() if isinstance(step.kind, WAITING)}
    shown |= {step for step in draft.script.steps if _always_names(draft, step)}
    for step, length in message_rows(draft.script, draft.graph, broken_by=frozenset(shown)).items():
        if length > LONGEST_WITHOUT and step not in shown:
            yield draft.at_step(
                "D-02", step, f"Third message in a row that does not show {WORD}. Name it in one."
            )


def _notice_issues(draft: Draft, language: str) -> Iterable[Issue]:
    notices = [step.id for step in draft.script.tagged(Tag.NOTICE)]
    texts = draft.script.texts.get(language, {})
    entries = [texts[f"{step}.text"] for step in notices if f"{step}.text" in texts]
    if entries and not any(WORD in entry.text for entry in entries):
        key = next(f"{step}.text" for step in notices if f"{step}.text" in texts)
        wording = next(one for one in draft.wordings if (one.language, one.key) == (language, key))
        yield draft.at_text(
            "D-02", wording, f"The notice does not name {WORD}. Tell her the word that hides the chat."
        )


def _always_names(draft: Draft, step: str) -> bool:
    entries = [
        draft.script.texts.get(language, {}).get(f"{step}.text") for language in draft.script.languages
    ]
    return bool(entries) and all(entry is not None and WORD in entry.text for entry in entries)
