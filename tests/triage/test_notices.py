"""What is said beside the notice, however many messages it has (B-032)."""

from dataclasses import replace

import pytest

from tests.shipped import shipped_library
from triage.model import Script, Tag
from triage.notices import said_beside


def script(messages: int) -> Script:
    """The shipped script, its notice cut to so many messages."""
    library = shipped_library()
    whole = next(iter(library.scripts.values()))
    kept = {step.id for step in whole.tagged(Tag.NOTICE)[:messages]}
    steps = {
        name: step if name in kept else replace(step, tags=step.tags - {Tag.NOTICE})
        for name, step in whole.steps.items()
    }
    return replace(whole, steps=steps)


@pytest.mark.parametrize("messages", [1, 2, 3])
@pytest.mark.parametrize(("mode", "told"), [("demo", ["word.demo_notice"]), ("open", [])])
def test_the_first_tells_the_mode_and_the_last_the_policy(messages: int, mode: str, told: list[str]) -> None:
    cut = script(messages)
    said = [
        key
        for step in cut.tagged(Tag.NOTICE)
        for key in said_beside(cut, f"{step.id}.text", mode, "consent-only")
    ]
    assert said == [*told, "word.rescue_consent_only"]


def test_without_a_notice_nothing_is_said() -> None:
    assert said_beside(script(0), "notice1.text", "demo", "none") == ()
