"""D-23: at most 300 characters and three sentences in a message, at most two messages in a row (notice: 3).

Reason: who has a minute and a hand free reads a few lines (CTL, NESM; AZZ: reading the terms took up to
seven minutes). Length is counted as written, placeholders included.
Cure: one idea per message; put a question between; leave out what can wait.
"""

from collections.abc import Iterable

from triage.issue import Issue
from triage.lint.chains import message_rows
from triage.lint.draft import Draft
from triage.lint.matching import sentences
from triage.model import Tag

CHARACTERS = 300
SENTENCES = 3
IN_A_ROW = 2
IN_A_NOTICE = 3


def check(draft: Draft) -> Iterable[Issue]:
    """Yield texts that are too long, then rows of messages that are too long."""
    for wording in draft.spoken():
        if (length := len(wording.text)) > CHARACTERS:
            yield draft.at_text(
                "D-23", wording, f"{length} characters, at most {CHARACTERS}. Say less, or in two steps."
            )
        if (count := len(sentences(wording.text))) > SENTENCES:
            yield draft.at_text(
                "D-23", wording, f"{count} sentences, at most {SENTENCES}. Say less, or in two steps."
            )
    for step, row in message_rows(draft.script, draft.graph).items():
        limit = IN_A_NOTICE if Tag.NOTICE in draft.script.steps[step].tags else IN_A_ROW
        if row > limit:
            message = (
                f"Message {row} in a row without an act of hers, at most {limit}. Put a question between."
            )
            yield draft.at_step("D-23", step, message)
