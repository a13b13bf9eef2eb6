"""Plays replies through the engine and writes down what happens (design §8). Pure: the host's part is a port.

A line is what she types. `#2` taps choice 2; `@+10m` moves the clock (s, m, h, d); `!accept`, `!decline`,
`!close`, `!nobody`, `!out_of_hours` act as the hotline; `!open` opens the chat afresh; `!media` sends
something that is not text; `//` begins a comment; empty lines are passed over.

In the transcript `> ` is her, `< ` the guide, `[1] label` a choice, `* ` an effect, `~ ` the clock.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta
from typing import Final

from triage import engine
from triage.danger import by_strength, card_for, choices_in, is_early, is_kept_back, strongest
from triage.effects import Effect, OfferedChoice, PhraseTried, RequestHandoff, ShareResources, Speak
from triage.model import GlobalAction, Script
from triage.rendering import render, variant_of
from triage.run import (
    HandoffNews,
    HandoffOutcome,
    Opened,
    PhraseOutcome,
    Reply,
    Run,
    SentMedia,
    Surroundings,
    Tapped,
    Turn,
    Typed,
)
from triage.told_once import told_once
from triage.walk import HIDE_CHOICE

_CLOCK: Final = re.compile(r"@\+(\d{1,6})([smhd])\Z")
_TAP: Final = re.compile(r"#(\d)\Z")
_UNITS: Final = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_NEWS: Final = {
    "!accept": HandoffNews.ACCEPTED,
    "!decline": HandoffNews.DECLINED,
    "!close": HandoffNews.CLOSED,
    "!nobody": HandoffNews.NOBODY,
    "!out_of_hours": HandoffNews.OUT_OF_HOURS,
}
MOST_ANSWERS: Final = 10  # of the host, to one reply of hers
_SHOWN_WORDS: Final = (GlobalAction.HIDE, GlobalAction.STOP, GlobalAction.PERSON, GlobalAction.HELP_NOW)


class UnreadableReply(ValueError):
    """A line begins like a mark (`#`, `@`, `!`) and is none. `number` is its line, 1-based."""

    def __init__(self, number: int, line: str) -> None:
        super().__init__(f"line {number}: {line!r} is no mark the simulator knows")
        self.number = number
        self.line = line


@dataclass(frozen=True, slots=True)
class Host:
    """What the simulator asks of the one who runs it. Every part has an answer that needs nothing.

    Attributes:
        surroundings: the facts of a moment.
        resources: the lines sent for a share, to her as she is, at a moment.
        request: what becomes of a handoff at once; None: she waits.
        waiting: what has become of it when she acts again; None: she waits still.
        values: values of placeholders, for her as she is, at a moment.
        beside: what is said under a text, by its key, of the organisation itself; "" for nothing.
        phrase: whether a phrase is hers.
        listen: the signals in a text, in a language.
    """

    surroundings: Callable[[datetime], Surroundings]
    resources: Callable[[ShareResources, Run, datetime], Sequence[str]] = lambda _effect, _run, _now: ()
    request: Callable[[RequestHandoff, datetime], HandoffNews | None] = lambda _effect, _now: None
    waiting: Callable[[Run, datetime], HandoffNews | None] = lambda _run, _now: None
    values: Callable[[Run, datetime], Mapping[str, str]] = lambda _run, _now: {}
    beside: Callable[[str, Run, datetime], str] = lambda _key, _run, _now: ""
    phrase: Callable[[tuple[str, ...]], bool] = lambda _words: False
    listen: Callable[[str, str], Sequence[str]] = lambda _text, _language: ()


Mark = timedelta | Reply | int
"""One line read: the clock's step, a reply, or the digit of a choice to tap."""


def read_marks(lines: Iterable[str]) -> list[tuple[str, Mark]]:
    """The lines with what they mean, comments left out. Raises UnreadableReply before anything is played."""
    marks: list[tuple[str, Mark]] = []
    for number, raw in enumerate(lines, start=1):
        line = raw.rstrip("\r\n")
        if line.strip() and not line.startswith("//"):
            marks.append((line, _mark(number, line)))
    return marks


def simulate(
    script: Script, lines: Iterable[str], host: Host, *, now: datetime, language: str | None = None
) -> Iterator[str]:
    """Yield the transcript of `lines`, the guide's first words first.

    `now` is aware and moves with `@` lines only. Raises UnreadableReply before the first line.
    """
    marks = read_marks(lines)
    return _Play(script, host, now).transcript(marks, language)


def _mark(number: int, line: str) -> Mark:
    if (tap := _TAP.match(line)) is not None:
        return int(tap[1])
    if (clock := _CLOCK.match(line)) is not None:
        return timedelta(**{_UNITS[clock[2]]: int(clock[1])})
    if line in _NEWS:
        return HandoffOutcome(_NEWS[line])
    if line == "!open":
        return Opened()
    if line == "!media":
        return SentMedia()
    if line[0] in "@!":
        raise UnreadableReply(number, line)
    return Typed(line)


class _Play:
    """One run of the simulator."""

    def __init__(self, script: Script, host: Host, now: datetime) -> None:
        self._script = script
        self._host = host
        self._now = now
        self._run = Run(script.id, script.start, script.languages[0], over=True)
        self._choices: tuple[OfferedChoice, ...] = ()
        self._cards: list[str] = []
        self._heard: list[str] = []
        self._on_card: Mapping[str, str] = {}
        self._just_asked = ""

    def transcript(self, marks: Sequence[tuple[str, Mark]], language: str | None) -> Iterator[str]:
        yield from self._lines_of(engine.start(self._script, language, self._surroundings()))
        for line, mark in marks:
            if isinstance(mark, timedelta):
                self._now += mark
                yield f"~ {line.removeprefix('@')}"
            elif isinstance(mark, HandoffOutcome):
                yield f"* {mark.news}"
                yield from self._resume(mark)
            else:
                yield f"> {line}"
                yield from self._heard_meanwhile()
                yield from self._act(mark)

    def _surroundings(self) -> Surroundings:
        return self._host.surroundings(self._now)

    def _heard_meanwhile(self) -> Iterator[str]:
        """What became of her request while she did nothing is told before her act is answered (PR4)."""
        if self._run.handoff is not None and not self._run.live:
            news = self._host.waiting(self._run, self._now)
            if news is not None:
                yield f"* {news}"
                yield from self._resume(HandoffOutcome(news))
                self._just_asked = self._run.step

    def _act(self, mark: Reply | int) -> Iterator[str]:
        on_card, self._on_card = self._on_card, {}
        if isinstance(mark, int):
            offered = {choice.digit: choice.token for choice in self._choices} | dict(on_card)
            token = offered.get(str(mark))
            if token is None:
                yield f"* nothing_to_tap digit={mark}"
            else:
                yield from self._resume(Tapped(token))
        elif isinstance(mark, Typed) and (token := on_card.get(mark.text.strip())) is not None:
            yield from self._resume(Tapped(token))
        else:
            yield from self._resume(mark)
        if not self._run.over and is_kept_back(self._cards) and not self._is_early():
            beneath = engine.offered(self._script, self._run, self._surroundings())
            yield from self._say_one(by_strength(self._heard), beneath, again=False)

    def _resume(self, reply: Reply) -> Iterator[str]:
        turn = engine.resume(self._script, self._run, reply, self._surroundings())
        if isinstance(reply, Typed):
            self._run = turn.run
            yield from self._listen(reply.text, choices_in(turn.effects))
            turn = replace(turn, run=self._run)
        asked, self._just_asked = self._just_asked, ""
        yield from self._lines_of(told_once(turn, asked) if asked else turn)

    def _lines_of(self, turn: Turn) -> Iterator[str]:
        """What the turn shows, and what follows when the host answers it at once."""
        for _ in range(MOST_ANSWERS):
            self._run = turn.run
            follows = next(filter(None, map(self._answer, turn.effects)), None)
            for effect in self._heard_of(turn, refused=isinstance(follows, HandoffOutcome)):
                yield from self._shown(effect)
            if follows is None:
                return
            if isinstance(follows, HandoffOutcome):
                yield f"* {follows.news}"
            turn = engine.resume(self._script, self._run, follows, self._surroundings())

    @staticmethod
    def _heard_of(turn: Turn, *, refused: bool) -> Iterable[Effect]:
        """The turn's effects; of a request that is refused at once nothing is said that promises a place."""
        asked = next((one for one in turn.effects if isinstance(one, RequestHandoff)), None)
        if asked is None or not refused:
            return turn.effects
        before = turn.effects[: turn.effects.index(asked) + 1]
        return [one for one in before if not (isinstance(one, Speak) and one.step == asked.step)]

    def _answer(self, effect: Effect) -> Reply | None:
        if isinstance(effect, RequestHandoff):
            news = self._host.request(effect, self._now)
            return HandoffOutcome(news) if news is not None else None
        return PhraseOutcome(self._host.phrase(effect.words)) if isinstance(effect, PhraseTried) else None

    def _listen(self, text: str, beneath: tuple[OfferedChoice, ...]) -> Iterator[str]:
        """Danger words add help, as the host does it (`triage.danger`)."""
        signals = by_strength(self._host.listen(text, self._run.language))
        if not signals or self._run.over:
            return
        yield f"* signals {' '.join(signals)}"
        answers = self._run.answers
        urgency = strongest(signals, answers.get("urgency"))
        self._run = replace(self._run, answers={**answers, "urgency": urgency})
        self._heard.extend(signals)
        yield from self._say_one(signals, beneath, again=not self._run.live)

    def _is_early(self) -> bool:
        return is_early(self._script, self._run, asked=self._run.handoff is not None)

    def _say_one(
        self, signals: list[str], beneath: tuple[OfferedChoice, ...], *, again: bool
    ) -> Iterator[str]:
        asked = self._run.handoff is not None
        card = card_for(
            signals,
            self._cards,
            early=self._is_early(),
            with_person=asked,
            person_label=engine.person_label(self._script, self._run, self._surroundings()),
            beneath=beneath,
            again=again,
        )
        if card is None:
            return
        self._cards.append(card.key)
        question = self._choices
        yield from self._spoken(Speak(self._run.step, card.key, (*card.choices, HIDE_CHOICE)))
        self._choices = question  # a card beside it takes none of its digits
        self._on_card = {choice.digit: choice.token for choice in card.choices}

    def _shown(self, effect: Effect) -> Iterator[str]:
        if isinstance(effect, Speak):
            yield from self._spoken(effect)
            return
        yield told(effect)
        if isinstance(effect, ShareResources):
            for text in self._host.resources(effect, self._run, self._now):
                yield from (f"< {part}" for part in text.splitlines())

    def _spoken(self, effect: Speak) -> Iterator[str]:
        around = self._surroundings()
        words = {action.value: around.words.first(action, self._run.language) for action in _SHOWN_WORDS}
        values = {**words, **self._host.values(self._run, self._now)}
        variant = variant_of(self._run.answers)
        rendered = render(self._script, self._run.language, around.channel, effect, values, variant=variant)
        beside = self._host.beside(effect.key, self._run, self._now)
        yield from (f"< {part}" for part in (*rendered.text.splitlines(), *beside.splitlines()))
        for digit, (_, label) in zip(rendered.digits, rendered.choices, strict=True):
            yield f"[{digit}] {label}"
        if rendered.missing:
            yield f"* missing {' '.join(rendered.missing)}"
        self._choices = effect.choices or self._choices


def told(effect: Effect) -> str:
    """An effect as one line: `* request_handoff step=queue need=any urgency=U2 shares=all`."""
    name = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", type(effect).__name__).lower()
    parts = [f"{field.name}={_plain(getattr(effect, field.name))}" for field in fields(effect)]
    return " ".join(("*", name, *parts))


def _plain(value: object) -> str:
    if isinstance(value, tuple):
        return "+".join(str(part) for part in value)  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType] - any tuple
    if isinstance(value, Mapping):
        return "+".join(f"{key}:{code}" for key, code in value.items())  # pyright: ignore[reportUnknownVariableType] - any mapping
    return "-" if value is None else str(value)
