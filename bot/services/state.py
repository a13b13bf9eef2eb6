"""What is known of one open conversation; sealed in `conversation.state_sealed`, dies with its key."""

from dataclasses import dataclass, field
from typing import Any

import orjson

from triage.model import Tag
from triage.run import Run


@dataclass(slots=True)
class Guest:
    """A supervisor who has joined (`guests`).

    Attributes:
        person, alias: who, and what she is told the guest is called.
        claim: the claim under which she joined; over with it.
        entry: the announcement, "" while it is to be said anew.
        from_inbox, from_sequence: where the guest begins to read.
    """

    person: str
    alias: str
    claim: int
    entry: str = ""
    from_inbox: int = 0
    from_sequence: int = 0


@dataclass(slots=True)
class ConversationState:
    """Facts of one conversation, never her words.

    Attributes:
        run: her place in the script; None before her first act is answered.
        safety: her answer at the safe check: "alone", "seen", "unsure", or "" before it.
        quiet: quiet mode: one status message, only the last exchange stays.
        wait_until: she chose "wait here": news and first words may be sent until then (microseconds).
        urgency: strongest flag so far.
        reasons: codes why, shown to the volunteer.
        cards: signal cards already offered, each once.
        need: need code of the hand-off.
        shares: "all" or "topic".
        handoff: id of the open hand-off, "" for none.
        alias: the volunteer's alias as told to her, "" for none.
        hers_since: since when the last word is hers in a live chat (microseconds), 0 if it is not.
        unanswered: the accepting volunteer has not written yet.
        status: entry id of the quiet status message, "" for none.
        screen: quiet mode: what is on her screen, ["ours"|"hers", id, remote id or ""], oldest first.
        tried: phrase words given and waiting to be compared or stored.
        setting_phrase: True when `tried` is a new phrase.
        asked_by: the hand-off whose volunteer asked for `tried`, "" when the script did.
        noting: nobody could be asked, so what she writes is a note; `noted` are external ids of it.
        checking: the volunteer asks for her words; `given` are the digits tapped so far.
        rows: entries with a row of the word grid that stand on her screen.
        recovered: the record behind a correct phrase has been joined.
        offered: [digit, token] of the card she was just offered, for her next act only.
        spoken_since: a volunteer has written since the guide's last answer: digits are not the guide's.
        returning: her contact record is older than this conversation: it may hold words for her.
        claim: the claim under which a volunteer has her; holds while the stage is live.
        question: what a volunteer had her asked (`questions.Asking`), "" for nothing; asked at `question_at`
            (microseconds) under the claim `question_claim`, and over with that claim.
        stays_claim: under this claim she said that she would rather stay with the volunteer.
        acted_at: when she last wrote or tapped; unlike a page before her eyes, that is an answer.
        said_at: when a volunteer last wrote to her.
        soft_checked: she was asked in this silence whether she is still there (B-099).
        shift_end: when the shift of the volunteer who has her ends, 0 while nobody has looked.
        shift_warned: the end the volunteer has been warned of.
        overtime_called: when a supervisor was last called because the shift is long over.
        guest: the supervisor who has joined, None for nobody.
        bodies: what a later deletion needs (`old_lines.Copy`), after the words themselves are gone.
        undeleted: lines had grown too old for the network to delete them when somebody looked.
        called_back: until when who answers a callback stands at the front (microseconds), 0 for none.
        search_ended: the search for a person ended without one, and she has not acted since.
    """

    run: Run | None = None
    safety: str = ""
    quiet: bool = False
    wait_until: int | None = None
    urgency: str = "U2"
    reasons: list[str] = field(default_factory=list[str])
    cards: list[str] = field(default_factory=list[str])
    need: str = ""
    shares: str = "all"
    handoff: str = ""
    alias: str = ""
    hers_since: int = 0
    unanswered: bool = False
    status: str = ""
    screen: list[list[str]] = field(default_factory=list[list[str]])
    tried: list[str] = field(default_factory=list[str])
    setting_phrase: bool = False
    asked_by: str = ""
    noting: bool = False
    noted: list[str] = field(default_factory=list[str])
    checking: bool = False
    given: list[str] = field(default_factory=list[str])
    rows: list[str] = field(default_factory=list[str])
    recovered: bool = False
    bodies: list[list[Any]] = field(default_factory=list[list[Any]])
    offered: list[list[str]] = field(default_factory=list[list[str]])
    spoken_since: bool = False
    returning: bool = False
    claim: int = 0
    question: str = ""
    question_at: int = 0
    question_claim: int = 0
    stays_claim: int = 0
    acted_at: int = 0
    said_at: int = 0
    soft_checked: bool = False
    shift_end: int = 0
    shift_warned: int = 0
    overtime_called: int = 0
    guest: Guest | None = None
    undeleted: bool = False
    called_back: int = 0
    search_ended: bool = False

    @property
    def checked(self) -> bool:
        """Whether the safe check has been answered since the page or chat was last opened (B-011)."""
        return self.run is not None and Tag.SAFE_CHECK.value in self.run.passed

    def to_bytes(self) -> bytes:
        """For sealing; `from_bytes` is its inverse."""
        plain = {name: getattr(self, name) for name in self.__slots__}
        plain["run"] = self.run.to_plain() if self.run else None
        return orjson.dumps(plain)

    @classmethod
    def from_bytes(cls, plain: bytes) -> "ConversationState":
        """Rebuild; an unknown key means a newer program wrote it and raises TypeError."""
        values: dict[str, Any] = orjson.loads(plain)
        values["run"] = Run.from_plain(values["run"]) if values["run"] else None
        values["guest"] = Guest(**values["guest"]) if values.get("guest") else None
        return cls(**values)


@dataclass(slots=True)
class ContactRecord:
    """What outlives a conversation, under the contact's own key (design §4, "Contact record").

    Attributes:
        phrase: Argon2id hash of her phrase, None if she set none.
        failures: wrong phrases today; more than five lock silently until tomorrow.
        failed_on: the day of `failures`, ISO.
        failures_ever: after fifteen the record stays locked for good.
        answers: coded answers.
        held: volunteers' words that could not be shown in her window.
        note: what she left for the next person while nobody could be asked.
        held_place: id of a parked hand-off, "" for none.
        agreed_callback: a callback keeps the record for 90 days.
        ping: [id, language] of the neutral line she picked for it; [] without one.
        callback_missed: nobody wrote to her though it was agreed: she is told so when she is back.
        search_missed: nobody came though she waited, and she never read it: she is told when she is back.
        never_with: people kept apart from her, as long as this record lives.
    """

    phrase: str | None = None
    failures: int = 0
    failed_on: str = ""
    failures_ever: int = 0
    answers: dict[str, str] = field(default_factory=dict[str, str])
    held: list[str] = field(default_factory=list[str])
    note: str = ""
    held_place: str = ""
    agreed_callback: bool = False
    ping: list[str] = field(default_factory=list[str])
    callback_missed: bool = False
    search_missed: bool = False
    never_with: list[str] = field(default_factory=list[str])

    def to_bytes(self) -> bytes:
        """For sealing; `from_bytes` is its inverse."""
        return orjson.dumps(self)

    @classmethod
    def from_bytes(cls, plain: bytes) -> "ContactRecord":
        """Rebuild a record."""
        return cls(**orjson.loads(plain))
