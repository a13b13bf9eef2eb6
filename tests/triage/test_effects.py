"""What the guide can ask the host for is a closed list: nobody is called, located or scored by a machine."""

from dataclasses import fields
from typing import get_args

from bot.services.queueing import HandoffFacts
from channels.message import OutboundMessage
from triage import effects
from triage.run import Run

KNOWN = {
    "EndRun", "EraseAll", "HideAll", "LeaveQueue", "LineClosed", "PhraseChosen", "PhraseTried",
    "RaiseUrgency", "Remembered", "RequestCallback", "RequestHandoff", "SafetyAnswer", "ShareResources",
    "ShowHeld", "Speak", "TextKept", "WaitHere",
}  # fmt: skip


def test_the_guide_asks_for_nothing_outside_the_chat() -> None:
    """B-031: no effect rings, writes to or locates anyone."""
    assert {one.__name__ for one in get_args(effects.Effect)} == KNOWN


def test_nothing_anywhere_holds_a_score_of_risk() -> None:
    """B-033: only an order in the queue, with its reasons as codes."""
    names = {field.name for kind in (Run, HandoffFacts, *get_args(effects.Effect)) for field in fields(kind)}
    assert not {name for name in names if any(word in name for word in ("score", "risk", "level", "points"))}


def test_nothing_but_text_and_choices_goes_to_her() -> None:
    """B-025: no pictures, voice, files or contacts, by the shape of what can be sent."""
    content = {field.name for field in fields(OutboundMessage)} & {
        "text", "choices", "media", "photo", "voice", "sticker", "file", "document", "contact", "location",
    }  # fmt: skip
    assert content == {"text", "choices"}
