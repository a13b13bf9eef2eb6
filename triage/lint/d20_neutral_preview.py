"""D-20: nothing that names violence, help or the service stands where a stranger's glance falls.

That is: the first 80 characters of every text, and all that is said or offered before the notice: steps
tagged `pre_notice` and those of the guide's own words that can appear at any step.
Reason: a notification shows the beginning of a message on a locked screen (B-002, B-019, N-CALL, CASS).
Placeholders that become the organisation's name count as its name. Labels stand in the preview only on a
channel without buttons, after a short text, so there they are a warning.
Cure: begin with neutral words; name the matter later, after the notice.
"""

from collections.abc import Iterable, Mapping

from triage.issue import Issue, Severity
from triage.lint.draft import Draft
from triage.lint.matching import find, fold
from triage.lint.wording import Wording
from triage.model import Ask, Tag
from triage.words import KEPT, LABELS, PREFIX, SPOKEN, WAIT_HERE, WAITING

PREVIEW = 80
NAMING_PLACEHOLDERS = ("{org}", "{service}", "{organisation}")
AFTER_NOTICE = frozenset({KEPT, WAITING, WAIT_HERE})
ANY_TIME = frozenset({*SPOKEN, *LABELS}) - AFTER_NOTICE
PING = f"{PREFIX}ping"  # she asked for one later; it may light any screen (B-019)


def check(draft: Draft) -> Iterable[Issue]:
    """Yield one issue per text that shows too much, the first word of it named."""
    early = {step.id for step in draft.script.tagged(Tag.PRE_NOTICE)}
    for wording in draft.wordings:
        whole = wording.step in early or wording.base_key in ANY_TIME or wording.base_key.startswith(PING)
        if wording.is_label and not whole:
            continue
        reach = len(wording.folded) if whole else PREVIEW
        if seen := shown(draft, wording, reach):
            where = "before the notice" if whole else f"in the first {PREVIEW} characters"
            yield draft.at_text(
                "D-20", wording, f"“{seen}” can be seen by others {where}. Say it later, or neutrally."
            )
    yield from _labels_in_preview(draft, early)


def shown(draft: Draft, wording: Wording, reach: int) -> str | None:
    """The first word among the first `reach` characters that names the matter or the service."""
    found = find(draft.lists(wording.language).sensitive, wording.folded)
    if found and found.start() < reach:
        return found.group()
    found = find(tuple(fold(name) for name in draft.service_names), wording.folded)
    if found and found.start() < reach:
        return found.group()
    places = ((wording.text.find(name), name) for name in NAMING_PLACEHOLDERS)
    return next((name for place, name in places if 0 <= place < reach), None)


def _labels_in_preview(draft: Draft, early: set[str]) -> Iterable[Issue]:
    plain = {(one.language, one.key): one for one in draft.wordings if not one.suffixes}
    for step in draft.script.steps.values():
        if not isinstance(step.kind, Ask) or step.id in early:
            continue
        keys = [f"{step.id}.text", *(f"{step.id}.{choice.id}" for choice in step.kind.choices)]
        for language in draft.script.languages:
            yield from _label_warnings(draft, plain, language, keys)


def _label_warnings(
    draft: Draft, plain: Mapping[tuple[str, str], Wording], language: str, keys: list[str]
) -> Iterable[Issue]:
    place = 0
    for key in keys:
        if (wording := plain.get((language, key))) is None:
            continue
        found = find(draft.lists(language).sensitive, wording.folded) if wording.is_label else None
        if found and place + found.start() < PREVIEW:
            message = f"“{found.group()}” can be seen in the preview where choices are numbered lines."
            yield draft.at_text("D-20", wording, message, severity=Severity.WARNING)
        place += len(wording.folded) + len("\n1 ")
