"""D-55: canned answers, bot profiles, ping texts and group rules pass the text rules.

Reason: a volunteer's ready answer, the line a messenger shows of the account and a later ping reach her as
much as the guide does (B-019, B-023, B-102). A profile and a ping may light any screen: nothing in them names
the matter, the service or the organisation.
Known by: sheets in `config/sheets`, one kind and language a file.
Cure: as the rule named in the message has it.
"""

from collections.abc import Iterable, Mapping
from typing import Final

from triage.issue import Issue
from triage.lint import (
    d20_neutral_preview,
    d21_one_question,
    d22_no_blame,
    d23_short,
    d24_easy_to_read,
    d25_no_orders,
    d26_no_promises,
    d27_no_identity,
    d28_no_media,
    d29_no_graphic_words,
    d30_not_mutual,
    d31_no_gendered_words,
    d36_plain_words,
    d37_calm,
    d38_no_links,
    d39_no_numbers,
    d41_placeholders,
    d42_precise_words,
    d43_asked_straight,
    d44_doer_named,
)
from triage.lint.d21_one_question import count_marks
from triage.lint.draft import Draft, draft_of
from triage.lint.words import WordLists
from triage.model import Script
from triage.sheets import KINDS, Sheet
from triage.words import PREFIX

_TEXT_RULES: Final = (
    d20_neutral_preview,
    d21_one_question,
    d22_no_blame,
    d23_short,
    d24_easy_to_read,
    d25_no_orders,
    d26_no_promises,
    d27_no_identity,
    d28_no_media,
    d29_no_graphic_words,
    d30_not_mutual,
    d31_no_gendered_words,
    d36_plain_words,
    d37_calm,
    d38_no_links,
    d39_no_numbers,
    d41_placeholders,
    d42_precise_words,
    d43_asked_straight,
    d44_doer_named,
)


def check_sheet(
    sheet: Sheet, words: Mapping[str, WordLists], service_names: tuple[str, ...] = ()
) -> tuple[Issue, ...]:
    """Everything the rules find in one sheet, in the order of its lines."""
    texts = {f"{PREFIX}{name}": entry for name, entry in sheet.texts.items()}
    script = Script(
        "sheet", "", (sheet.language,), {}, {sheet.language: texts}, sheet.file, {sheet.language: sheet.file}
    )
    draft = draft_of(script, words, {}, service_names)
    found = [issue for rule in _TEXT_RULES for issue in rule.check(draft)]
    found.extend(_of_kind(draft, sheet))
    return tuple(sorted({_told(issue) for issue in found}))


def _of_kind(draft: Draft, sheet: Sheet) -> Iterable[Issue]:
    kind = KINDS[sheet.kind]
    for wording in draft.wordings:
        if len(wording.text) > kind.longest:
            count = len(wording.text)
            message = f"{count} characters, a `{sheet.kind}` text has at most {kind.longest}. Shorten it."
            yield draft.at_text("D-55", wording, message)
        if kind.neutral and (shown := d20_neutral_preview.shown(draft, wording, len(wording.folded))):
            message = f"“{shown}” names the matter, and any part of it can be seen. Say it neutrally."
            yield draft.at_text("D-55", wording, message)
        if not kind.asks and count_marks(wording):
            yield draft.at_text(
                "D-55", wording, f"A `{sheet.kind}` text asks nothing. Say it without the question."
            )


def _told(issue: Issue) -> Issue:
    rule = "" if issue.rule == "D-55" else f"{issue.rule}: "
    path = f"texts.{issue.path.removeprefix(PREFIX)}"
    return Issue(issue.file, issue.line, issue.column, "D-55", issue.severity, path, f"{rule}{issue.message}")
