"""The coded facts of one hand-off, sealed under the conversation's key; they die with it (PR6)."""

from dataclasses import dataclass, field

import orjson

from bot.vault.envelope import DataKey, Place, open_sealed, seal


@dataclass(slots=True)
class HandoffFacts:
    """Coded facts of one hand-off, sealed under the conversation's key.

    Attributes:
        need: need code.
        language: the language she reads.
        country: the region she chose, None for none.
        reasons: codes why her urgency is what it is.
        shares: "all": what she wrote before her yes may be read; "topic": only what she chose.
        answers: what she chose, coded.
        read_from_inbox: the volunteer reads her acts from this inbox id on.
        read_from_sequence: and our entries from this sequence on.
        policy: snapshot of the escalation policy.
        declined_by: people who passed on it.
        since: when this search for a volunteer began (microseconds), 0 for when she was queued; a
            passed-on, taken-back or resumed one begins anew while her place counts from before.
        nobody_since: since when nobody could take it (microseconds), 0 while somebody can.
        told_nobody: she has been told that nobody can answer yet.
        left_earlier: the note of her record, for whoever has the chat; not coded, and only if she shares it.
        words: what "check it is her" gave ("asked", "right", "wrong", "none"), "" when nobody asked.
        never_with: people kept apart from her, whoever asked for it.
        reads_from_claim: with her yes, volunteers' words are read from this claim on; 0 for one's own only.
        could_read: [inbox id, sequence, claim] the one before read from: what a yes of hers opens.
        told_wish: she has been told that nobody of the gender she asked for is here.
        told_long: she has been told that it takes long, with other ways.
    """

    need: str = ""
    language: str = "en"
    country: str | None = None
    reasons: list[str] = field(default_factory=list[str])
    shares: str = "all"
    answers: dict[str, str] = field(default_factory=dict[str, str])
    read_from_inbox: int = 0
    read_from_sequence: int = 0
    policy: dict[str, object] = field(default_factory=dict[str, object])
    declined_by: list[str] = field(default_factory=list[str])
    since: int = 0
    nobody_since: int = 0
    told_nobody: bool = False
    left_earlier: str = ""
    words: str = ""
    never_with: list[str] = field(default_factory=list[str])
    reads_from_claim: int = 0
    could_read: list[int] = field(default_factory=list[int])
    told_wish: bool = False
    told_long: bool = False


def facts_place(handoff: str) -> Place:
    """Where a hand-off's facts are sealed."""
    return Place("handoff", "facts_sealed", handoff)


def seal_facts(key: DataKey, handoff: str, facts: HandoffFacts) -> bytes:
    """Facts for the row of `handoff`."""
    return seal(key, facts_place(handoff), orjson.dumps({n: getattr(facts, n) for n in facts.__slots__}))


def open_facts(key: DataKey, handoff: str, sealed: bytes) -> HandoffFacts:
    """The inverse of `seal_facts`."""
    return HandoffFacts(**orjson.loads(open_sealed(key, facts_place(handoff), sealed)))
