"""Every document rule, run over one script. A new rule is a file of its own and one line in `RULES`.

The rules that need an organisation's own data are in `launch`, those for other documents in `d55_sheets`.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Final

from triage.issue import Issue
from triage.lint import (
    b034_no_instruments,
    d01_emergency_near,
    d02_hide_and_stop_everywhere,
    d03_no_dead_end,
    d04_no_trap,
    d05_all_reachable,
    d06_skip_offered,
    d07_person_near,
    d08_handoff_answered,
    d09_gates_first,
    d10_young_people,
    d11_own_behaviour,
    d12_everyone_has_a_way,
    d13_no_way_preferred,
    d14_short_ways,
    d15_red_flags,
    d16_consent_before_handoff,
    d17_feedback_after_close,
    d18_random_walks,
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
    d32_validated,
    d33_removal_noticed,
    d34_keep_proof,
    d35_danger_said,
    d36_plain_words,
    d37_calm,
    d38_no_links,
    d39_no_numbers,
    d40_labels,
    d41_placeholders,
    d42_precise_words,
    d43_asked_straight,
    d44_doer_named,
    d50_every_language,
    d51_global_words,
    d54_lexicons_tried,
    d57_review_age,
    d59_fears_answered,
)
from triage.lint.draft import Draft, draft_of
from triage.lint.facts import NOTHING_KNOWN, Facts
from triage.lint.words import WordLists
from triage.model import Script

__all__ = ["NOTHING_KNOWN", "RULES", "Facts", "Rule", "WordLists", "check"]

Rule = Callable[[Draft], Iterable[Issue]]

RULES: Final[tuple[Rule, ...]] = (
    d01_emergency_near.check,
    d02_hide_and_stop_everywhere.check,
    d03_no_dead_end.check,
    d04_no_trap.check,
    d05_all_reachable.check,
    d06_skip_offered.check,
    d07_person_near.check,
    d08_handoff_answered.check,
    d09_gates_first.check,
    d10_young_people.check,
    d11_own_behaviour.check,
    d12_everyone_has_a_way.check,
    d13_no_way_preferred.check,
    d14_short_ways.check,
    d15_red_flags.check,
    d16_consent_before_handoff.check,
    d17_feedback_after_close.check,
    d18_random_walks.check,
    d20_neutral_preview.check,
    d21_one_question.check,
    d22_no_blame.check,
    d23_short.check,
    d24_easy_to_read.check,
    d25_no_orders.check,
    d26_no_promises.check,
    d27_no_identity.check,
    d28_no_media.check,
    d29_no_graphic_words.check,
    d30_not_mutual.check,
    d31_no_gendered_words.check,
    d32_validated.check,
    d33_removal_noticed.check,
    d34_keep_proof.check,
    d35_danger_said.check,
    d36_plain_words.check,
    d37_calm.check,
    d38_no_links.check,
    d39_no_numbers.check,
    d40_labels.check,
    d41_placeholders.check,
    d42_precise_words.check,
    d43_asked_straight.check,
    d44_doer_named.check,
    d50_every_language.check,
    d51_global_words.check,
    d54_lexicons_tried.check,
    d57_review_age.check,
    d59_fears_answered.check,
    b034_no_instruments.check,
)


def check(
    script: Script,
    words: Mapping[str, WordLists],
    globals_: Mapping[str, Mapping[str, tuple[str, ...]]],
    service_names: tuple[str, ...] = (),
    facts: Facts = NOTHING_KNOWN,
) -> tuple[Issue, ...]:
    """Everything the rules find in `script`, in document order: the script's file first, then its texts.

    Args:
        script: a script as `triage.reading` built it.
        words: language → word lists.
        globals_: language → global action → the words that stand for it, the shown one first.
        service_names: names of the organisation and the service, which a preview must not show (D-20).
        facts: what is known beside the script; what is not known is not asked about (D-18, D-54, D-57).
    """
    draft = draft_of(script, words, globals_, service_names, facts)
    files = [script.file, *(script.text_files.get(language, "") for language in script.languages)]
    order = {file: place for place, file in reversed(list(enumerate(files)))}
    found = {issue for rule in RULES for issue in rule(draft)}
    return tuple(sorted(found, key=lambda issue: (order.get(issue.file, len(files)), issue)))
