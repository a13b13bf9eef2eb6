"""D-52: each region of a desk has its whole pack.

Reason: a woman in a region without a child line, without sexual-assault care or without a word on who must be
told gets half of what the guide promises (B-051, B-125). A pack is: an emergency number, a women's line at
any hour, a child line, a line for who cannot go on, care after sexual violence, what must be reported to
whom, the rescue policy, opening hours and a time zone. The women's line may be stated to be absent, in
writing, by the organisation.
Cure: add the resource, the statement or the setting.
"""

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final

from triage.issue import Issue
from triage.lint.launch import LaunchFacts

PARTS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "emergency": "no emergency number",
        "women_at_any_hour": "no women's line open day and night, and no statement that there is none",
        "child_line": "no child line",
        "emotional_line": "no line for who cannot go on",
        "sexual_care": "no care after sexual violence",
        "reporting": "no signed text on what must be reported, to whom and by when",
        "rescue_policy": "no rescue policy",
        "hours": "no opening hours",
        "zone": "no time zone",
    }
)
MAY_BE_ABSENT: Final = frozenset({"women_at_any_hour"})


def check(facts: LaunchFacts) -> Iterable[Issue]:
    """Yield one issue per region and part that is missing."""
    for pack in facts.packs or ():
        for part, missing in PARTS.items():
            if part in pack.has or part in (pack.absent & MAY_BE_ABSENT):
                continue
            file = f"desks/{facts.desk}/desk.yaml"
            message = f"{pack.region}: {missing}. Add it before the line opens."
            yield facts.issue("D-52", file, f"regions.{pack.region}.{part}", message)
