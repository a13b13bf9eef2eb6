"""Messages that reach her one after another without an act of hers."""

from collections import deque

from triage.lint.graph import Graph, automatic_edges, loops
from triage.model import Branch, End, Hide, Remember, Script, Share

MANY = 9  # rows are counted no further, so that a long script costs little
_SILENT = (Branch, Remember, Hide)


def messages_of(script: Script, step: str) -> int:
    """How many messages reaching the step sends; an `end` says its text, a `share` its text and its list."""
    kind = script.steps[step].kind
    if isinstance(kind, _SILENT):
        return 0
    if isinstance(kind, End | Share):
        written = any(f"{step}.text" in texts for texts in script.texts.values())
        return written + isinstance(kind, Share)
    return 1


def message_rows(script: Script, graph: Graph, broken_by: frozenset[str] = frozenset()) -> dict[str, int]:
    """For each step the longest row of messages, its own the last, that came without an act of hers.

    A step in `broken_by` ends the row and counts for nothing. Steps that go round by themselves are left
    to D-04.
    """
    edges = automatic_edges(graph)
    round_and_round = {step for loop in loops(edges) for step in loop}
    rows = {step: 0 if step in broken_by else messages_of(script, step) for step in script.steps}
    waiting = deque(rows)
    while waiting:
        here = waiting.popleft()
        for edge in edges[here]:
            if edge.to in broken_by or here in round_and_round:
                continue
            row = min(MANY, rows[here] + messages_of(script, edge.to))
            if row > rows[edge.to]:
                rows[edge.to] = row
                waiting.append(edge.to)
    return rows
