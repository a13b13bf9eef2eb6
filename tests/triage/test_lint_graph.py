"""The graph the linter walks: loops, ways past a gate, acts to a person, rows of messages, known answers."""

from collections.abc import Mapping

from hypothesis import given, strategies as st

from tests.broken_scripts import loading
from triage.conditions import ConditionFault, Facts, holds, parse
from triage.lint.chains import message_rows
from triage.lint.graph import Act, Edge, build_graph, loops, reachable, reachable_without, reversed_edges
from triage.lint.known import Known, answers_that_give, reachable_by, verdict
from triage.lint.spots import Spot, Spots
from triage.model import GlobalAction, Tag

NAMES = ("a", "b", "c", "d", "e", "f")


def edges_of(pairs: set[tuple[str, str]]) -> dict[str, tuple[Edge, ...]]:
    return {
        name: tuple(Edge(name, to, Act.HERS, "to") for source, to in sorted(pairs) if source == name)
        for name in NAMES
    }


pairs = st.sets(st.tuples(st.sampled_from(NAMES), st.sampled_from(NAMES)))


@given(pairs)
def test_a_loop_is_exactly_what_one_can_leave_and_come_back_to(ways: set[tuple[str, str]]) -> None:
    edges = edges_of(ways)
    after = {name: reachable([to for source, to in ways if source == name], edges) for name in NAMES}
    turning = {frozenset(b for b in NAMES if b in after[a] and a in after[b]) for a in NAMES if a in after[a]}
    assert {frozenset(loop) for loop in loops(edges)} == turning


@given(pairs)
def test_edges_turned_twice_are_the_edges(ways: set[tuple[str, str]]) -> None:
    twice = reversed_edges(reversed_edges(edges_of(ways)))
    assert {(edge.source, edge.to) for out in twice.values() for edge in out} == ways


@given(pairs, st.sampled_from(NAMES))
def test_a_step_reached_past_a_gate_has_a_path_without_it(ways: set[tuple[str, str]], gate: str) -> None:
    past = reachable_without("a", lambda step: step == gate, edges_of(ways))
    kept = {(source, to) for source, to in ways if gate not in (source, to)}
    assert past == (reachable(("a",), edges_of(kept)) if gate != "a" else frozenset())


def test_every_step_that_waits_has_help_now_and_the_menu() -> None:
    graph = build_graph(loading.script())
    globals_of_nobody = {edge.name: edge.to for edge in graph.whole["nobody"] if edge.act is Act.GLOBAL}
    assert globals_of_nobody == {"help_now": "emergency", "menu": "menu"}
    assert graph.whole["live"] == graph.script["live"]


def test_the_short_path_to_a_person_takes_four_acts() -> None:
    script = loading.script()
    acts = Spots(script).from_start
    assert min(count for spot, count in acts.items() if spot.step == "queue") == 4


def test_person_from_the_first_message_walks_through_both_gates() -> None:
    script = loading.script()
    spots = Spots(script)
    assert spots.to_consent[Spot("hello")] == 3
    assert spots.to_consent[Spot("menu", frozenset({"safe_check", "notice", "limit"}))] == 1


def test_a_way_to_consent_is_held_up_by_a_gate_she_has_not_passed() -> None:
    script = loading.script()
    spots = Spots(script).from_start
    assert all(
        spot.passed >= {Tag.SAFE_CHECK, Tag.NOTICE} for spot in spots if spot.step in {"consent", "queue"}
    )
    assert Spot("safe_check", frozenset(), GlobalAction.PERSON) in spots


def test_a_list_and_the_question_after_it_are_two_messages() -> None:
    script = loading.script()
    rows = message_rows(script, build_graph(script))
    assert (rows["places"], rows["menu"], rows["hello"]) == (1, 2, 1)


def test_steps_that_go_round_by_themselves_are_counted_to_an_end() -> None:
    script = loading.script("d04_goes_round_by_itself")
    assert max(message_rows(script, build_graph(script)).values()) <= 2


def test_who_gave_an_answer_is_kept_from_branches_for_others() -> None:
    script = loading.script("d11_shelter_within_reach")
    own = Known("role", "own")
    assert answers_that_give(script, own) == ("menu",)
    young = Known("age_band", "under_18")
    graph = build_graph(script)
    assert "places" in reachable_by(script, graph.script, young, ("young",))
    assert reachable_by(script, graph.script, young, ("age",)) >= {"age", "young", "menu"}
    adult_only = reachable_by(script, {"age": graph.script["age"]}, young, ("age",))
    assert adult_only == {"age", "young"}


conditions = st.recursive(
    st.builds(
        "{} {} {}".format,
        st.sampled_from(["role", "region", "topic"]),
        st.sampled_from(["==", "!="]),
        st.sampled_from(["own", "RO", "close"]),
    ),
    lambda inner: st.one_of(
        st.builds("({} and {})".format, inner, inner),
        st.builds("({} or {})".format, inner, inner),
        st.builds("not ({})".format, inner),
    ),
    max_leaves=6,
)
answers = st.dictionaries(st.sampled_from(["region", "topic"]), st.sampled_from(["own", "RO", "close"]))


@given(conditions, answers)
def test_what_the_linter_decides_the_engine_decides_too(text: str, others: Mapping[str, str]) -> None:
    condition = parse(text)
    assert not isinstance(condition, ConditionFault)
    decided = verdict(condition, Known("role", "own"))
    if decided is not None:
        assert holds(condition, Facts({**others, "role": "own"})) is decided
