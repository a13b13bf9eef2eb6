"""Escalation, care and training documents: what they say, and complaints that name the line."""

from collections.abc import Callable
from datetime import timedelta
from importlib.resources import files

import pytest

from handoff.breaks import DEFAULT_BREAKS
from handoff.care import DEFAULT_CARE
from handoff.limits import DEFAULT_LIMITS, Force
from handoff.model import Refusal, Tier
from handoff.policy import DEFAULT_POLICY, Rung
from handoff.staffing import Care, Escalation
from handoff.staffing_reading import read_care, read_escalation, read_training
from handoff.strategies import Strategy


def shipped(*parts: str) -> str:
    return files("config").joinpath(*parts).read_text(encoding="utf-8")


def test_the_shipped_documents_say_what_the_program_holds_without_them() -> None:
    assert read_escalation(shipped("network", "escalation.yaml"), "x") == (Escalation(), ())
    care, complaints = read_care(shipped("network", "care.yaml"), "x")
    assert care is not None and complaints == ()
    assert (care.breaks, care.after) == (DEFAULT_BREAKS, DEFAULT_CARE)
    assert {code: care.limits.force(code) for code in Refusal} == dict.fromkeys(Refusal, Force.HARD)
    for name in ("shift", "night_shift", "day", "week", "rest", "nights", "free"):
        assert getattr(care.limits, name) == getattr(DEFAULT_LIMITS, name)
    training, complaints = read_training(shipped("network", "training.yaml"), "x")
    assert training is not None and complaints == ()
    assert training.modules["listening"].valid_months == 12
    assert training.needed(Tier.PRIMARY, ["supervisor"]) == frozenset()


def test_the_demo_switches_every_limit_off() -> None:
    care, complaints = read_care(shipped("desks", "demo", "care.yaml"), "x")
    assert care is not None and complaints == ()
    limits = (Refusal.SHIFT_CAP, Refusal.DAY_CAP, Refusal.WEEK_CAP, Refusal.NIGHT_CAP, Refusal.REST)
    assert {care.limits.force(code) for code in limits} == {Force.OFF}
    assert care.breaks.force is Force.OFF


def test_everything_can_be_said() -> None:
    text = """
strategy: pull
rungs: [{after: 0, tier: primary, at_most: 1}, {after: 30, tier: supervisor}]
offer_seconds: 90
required_skills: {legal: 'law:3'}
preferred_skills: {online: tech}
region_bound: [legal]
max_chats: 2
"""
    escalation, complaints = read_escalation(text, "escalation.yaml")
    assert escalation is not None and complaints == ()
    policy = escalation.policy
    assert (policy.strategy, policy.rungs) == (
        Strategy.PULL,
        (Rung(0, Tier.PRIMARY, 1), Rung(30, Tier.SUPERVISOR)),
    )
    assert (policy.offer_seconds, policy.required_skills, policy.region_bound) == (
        90,
        {"legal": "law:3"},
        {"legal"},
    )
    assert escalation.max_chats == 2
    care, complaints = read_care(
        "limits: {shift: {hours: 4.5, force: soft}, nights: {number: 2}}\n"
        "breaks: [{after_minutes: 60, minutes: 10}]\n"
        "forced_break: {after_minutes: 240, force: soft}\n"
        "cooldown: {minutes: 30, force: hard}\nprobation_days: 30\n",
        "care.yaml",
    )
    assert care is not None and complaints == ()
    assert (care.limits.shift, care.limits.nights, care.limits.force(Refusal.SHIFT_CAP)) == (
        4.5,
        2,
        Force.SOFT,
    )
    assert care.breaks.breaks[0].after == timedelta(hours=1)
    assert (care.breaks.forced_after, care.breaks.force) == (timedelta(hours=4), Force.SOFT)
    assert (care.after.cooldown, care.after.cooldown_force) == (timedelta(minutes=30), Force.HARD)
    training, complaints = read_training(
        "modules: {a: {name: A}}\n"
        "required: {tiers: {backup: [a]}, roles: {supervisor: [a]}, skills: {minors: [a]}}\n",
        "training.yaml",
    )
    assert training is not None and complaints == ()
    assert training.needed(Tier.BACKUP) == training.needed(Tier.SHADOW, ["supervisor"]) == {"a"}
    assert training.for_skill == {"minors": {"a"}}


def test_what_is_not_said_has_its_default() -> None:
    assert read_escalation("max_chats: 1", "x")[0] == Escalation(DEFAULT_POLICY, 1)
    assert read_care("cooldown: {minutes: 20}", "x")[0] == Care()


@pytest.mark.parametrize(
    ("read", "text", "told"),
    [
        (read_escalation, "", "x:0: error: the document is empty"),
        (read_escalation, "spec: 2", "x:1: error: this release reads spec: 1"),
        (
            read_escalation,
            "strategie: waves",
            "unknown key 'strategie'; did you mean 'strategy'?",
        ),
        (read_escalation, "strategy: wave", "did you mean 'waves'?"),
        (read_escalation, "rungs: [{after: 5, tier: primary}]", "rungs begin at 0"),
        (read_escalation, "rungs: [{after: 0, tier: secondary}]", "'secondary' is not one of primary"),
        (read_escalation, "rungs: [{after: 0}]", "the key 'tier' is missing"),
        (read_escalation, "offer_seconds: 0", "durations are positive"),
        (read_escalation, "offer_seconds: soon", "expected a whole number"),
        (read_escalation, "max_chats: 0", "at least 1"),
        (read_escalation, "\nrequired_skills: {legal: 'law:much'}", "x:2: error: 'law:much'"),
        (read_care, "limits: {sleep: {hours: 8}}", "unknown key 'sleep'"),
        (read_care, "limits: {rest: {hours: -1}}", "expected a number above 0"),
        (read_care, "limits: {rest: {force: firm}}", "'firm' is not one of hard, soft, off"),
        (read_care, "breaks: [{after_minutes: 60}]", "the key 'minutes' is missing"),
        (read_training, "required: {tiers: {primary: [lissening]}}", "there is no module 'lissening'"),
        (read_training, "modules: {a: {name: A}}\nrequired: {tiers: {first: [a]}}", "'first' is not one of"),
    ],
)
def test_a_mistake_is_told_with_its_line(read: Callable[..., object], text: str, told: str) -> None:
    value, complaints = read(text, "x")  # type: ignore[misc]
    assert value is None
    assert any(told in str(one) for one in complaints), [str(one) for one in complaints]
