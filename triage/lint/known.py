"""What can be reached by someone of whom one answer is known: who is under 18, who was never asked.

A branch that asks for the known answer is decided; one that asks for anything else may go either way. A
choice that would give another answer to the same question is not taken, a `remember` that does is not passed.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from triage.conditions import Both, Comparison, Condition, ConditionFault, Either, Negation, parse
from triage.lint.graph import Edge, reachable, script_edges
from triage.model import Ask, Branch, Remember, Script, Step


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of one answer: `key` holds `code`, or, with None, it was never given."""

    key: str
    code: str | None


def reachable_by(
    script: Script, edges: Mapping[str, tuple[Edge, ...]], known: Known, starts: Iterable[str], *more: Known
) -> frozenset[str]:
    """Steps that someone with the answer `known`, and `more`, can reach from `starts` over `edges`."""
    all_known = (known, *more)
    open_ways = {
        step.id: tuple(_ways(step, edges.get(step.id, ()), all_known)) for step in script.steps.values()
    }
    return reachable(starts, open_ways)


def answers_that_give(script: Script, known: Known) -> tuple[str, ...]:
    """Steps right after an answer or a `remember` that gives `known`."""
    found: list[str] = []
    for step in script.steps.values():
        kind = step.kind
        if isinstance(kind, Ask):
            found += [one.to for one in kind.choices if one.remember.get(known.key) == known.code]
        elif isinstance(kind, Remember) and kind.values.get(known.key) == known.code:
            found.append(kind.to)
    return tuple(one for one in found if one in script.steps)


def verdict(condition: Condition, *known: Known) -> bool | None:
    """Whether `condition` holds for someone with the answers `known`; None if these do not decide it."""
    match condition:
        case Comparison(key, codes, negated):
            answer = next((one for one in known if one.key == key), None)
            if answer is None:
                return None
            # A comparison with an answer that was never given is false, `!=` too (`triage.conditions`).
            return answer.code is not None and (answer.code in codes) is not negated
        case Both(parts):
            verdicts = [verdict(part, *known) for part in parts]
            return False if False in verdicts else (None if None in verdicts else True)
        case Either(parts):
            verdicts = [verdict(part, *known) for part in parts]
            return True if True in verdicts else (None if None in verdicts else False)
        case Negation(part):
            inner = verdict(part, *known)
            return None if inner is None else not inner


def _ways(step: Step, edges: tuple[Edge, ...], known: tuple[Known, ...]) -> Iterator[Edge]:
    kind = step.kind
    if isinstance(kind, Branch):
        yield from _branch_ways(step, kind, edges, known)
        return
    if isinstance(kind, Remember) and _differs(kind.values, known):
        return
    others = {
        f"choices.{one.id}"
        for one in (kind.choices if isinstance(kind, Ask) else ())
        if _differs(one.remember, known)
    }
    yield from (edge for edge in edges if edge.name not in others)


def _differs(answers: Mapping[str, str], known: tuple[Known, ...]) -> bool:
    return any(answers.get(one.key, one.code) != one.code for one in known)


def _branch_ways(
    step: Step, kind: Branch, edges: tuple[Edge, ...], known: tuple[Known, ...]
) -> Iterator[Edge]:
    existing = {edge.name for edge in edges}
    written = {edge.name: edge for edge in script_edges(step) if edge.name in existing}
    for number, (when, _) in enumerate(kind.cases):
        condition = parse(when)
        decided = False if isinstance(condition, ConditionFault) else verdict(condition, *known)
        if decided is not False and (edge := written.get(f"branch[{number}]")):
            yield edge
        if decided:
            return
    if "else" in written:
        yield written["else"]
