"""D-54: the danger words of every published language were tried on sentences, and found what was meant.

Reason: a word list that misses a neck, a wish to die or a child leaves her at the end of the queue, and
nobody notices (B-035, B-037). A language without sentences was never tried.
Known by: `config/signals/sentences/<language>.yaml`, at least 30 sentences a signal that mean it and 30 that
do not, invented or given by practitioners; recall of at least 95 in 100, at most 10 in 100 false alarms.
Cure: write sentences as people write them, then add to the list what it missed.
"""

from collections.abc import Iterable

from triage.issue import Issue
from triage.lint.draft import Draft
from triage.lint.facts import Trial

TRIED = ("immediate_danger", "medical", "minor", "suicide")
LEAST = 30  # sentences
LEAST_FOUND = 0.95
MOST_FALSE = 0.10


def check(draft: Draft) -> Iterable[Issue]:
    """Yield one issue per language and signal that was not tried enough or did badly."""
    if draft.facts.trials is None:
        return
    for language in draft.script.languages:
        trials = draft.facts.trials.get(language.partition("-")[0], {})
        for signal in TRIED:
            if fault := _fault(trials.get(signal)):
                message = f"Danger words of {language}, `{signal}`: {fault}"
                yield draft.at_language("D-54", language, message, path=f"signals.{language}.{signal}")


def _fault(trial: Trial | None) -> str:
    if trial is None:
        return f"never tried. Write {LEAST} sentences that mean it and {LEAST} that do not."
    if min(trial.meant, trial.others) < LEAST:
        return f"tried on {trial.meant} and {trial.others} sentences, at least {LEAST} of each. Write more."
    if len(trial.missed) > (1 - LEAST_FOUND) * trial.meant:
        return f"{len(trial.missed)} of {trial.meant} missed, such as “{trial.missed[0]}”. Add the words."
    if len(trial.false_alarms) > MOST_FALSE * trial.others:
        first = trial.false_alarms[0]
        return (
            f"{len(trial.false_alarms)} of {trial.others} false alarms, such as “{first}”. Narrow the list."
        )
    return ""
