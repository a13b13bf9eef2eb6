"""D-05: every step can be reached, and every way leads to a step that exists.

Reason: what cannot be reached was meant for someone who will not get it; a way into nowhere stops her midway
(own judgement: domain D). Besides the first step, the targets of the global actions can always be reached.
Cure: lead a choice to the step, or remove it; correct the target's spelling.
"""

from collections.abc import Iterable
from difflib import get_close_matches

from triage.issue import Issue
from triage.lint.draft import Draft
from triage.lint.graph import reachable
from triage.model import Ask, Tag

GLOBAL_TARGETS = (Tag.EMERGENCY, Tag.MENU, Tag.SAFE_CHECK, Tag.NOTICE, Tag.CONSENT)


def check(draft: Draft) -> Iterable[Issue]:
    """Yield ways into nowhere, then steps nobody comes to."""
    script = draft.script
    for edge in draft.graph.dangling:
        near = get_close_matches(edge.to, script.steps, n=1)
        hint = f" Did you mean `{near[0]}`?" if near else ""
        yield draft.at_step("D-05", edge.source, f"No step is called `{edge.to}`.{hint}", inside=edge.name)
    if script.start not in script.steps:
        yield draft.at_script(
            "D-05", f"The script starts at `{script.start}`, which does not exist.", path="start"
        )
        return
    starts = {script.start} | {step.id for tag in GLOBAL_TARGETS for step in script.tagged(tag)[:1]}
    # A question in the queue is asked while she waits for a person, without a way leading to it.
    starts |= {step.id for step in script.tagged(Tag.QUEUE) if isinstance(step.kind, Ask)}
    reached = reachable(starts, draft.graph.script)
    for step in script.steps:
        if step not in reached:
            yield draft.at_step("D-05", step, f"Nothing leads to `{step}`. Lead a choice here, or remove it.")
