"""The four launch rules together (design §7)."""

from typing import Final

from triage.issue import Issue
from triage.lint import d52_region_pack, d53_resources_fresh, d56_two_signatures, d58_promised_hours
from triage.lint.launch import LaunchFacts, LaunchRule

LAUNCH_RULES: Final[tuple[LaunchRule, ...]] = (
    d52_region_pack.check,
    d53_resources_fresh.check,
    d56_two_signatures.check,
    d58_promised_hours.check,
)


def check_for_launch(facts: LaunchFacts) -> tuple[Issue, ...]:
    """Everything that stands in the way of opening, as far as `facts` say."""
    return tuple(sorted(issue for rule in LAUNCH_RULES for issue in rule(facts)))
