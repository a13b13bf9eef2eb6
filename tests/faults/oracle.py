"""What she must be answered: the pure engine walked beside the service, act by act.

The oracle knows nothing of rows, keys or wires. It says for each act how many messages answer it and which
choices each of them offers; what she was really shown is held against that.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from random import Random

from bot.services.library import Library
from triage import engine
from triage.effects import ShareResources, Speak
from triage.model import Ask, Branch, PickRegion, Remember, Say, Script, Share, Tag
from triage.run import HandoffNews, HandoffOutcome, Opened, Reply, Run, Tapped, Turn, Typed

Tokens = tuple[str, ...]
STAYS = (Ask, Say, Share, Remember, Branch, PickRegion)
"""Kinds of steps a walk goes to; the others end the conversation, hash a phrase, or need another person."""


@dataclass(frozen=True, slots=True)
class Answer:
    """The messages that answer one act: for each, the tokens of the choices it offers."""

    messages: tuple[Tokens, ...]


@dataclass(slots=True)
class Oracle:
    """One conversation as the script says it goes."""

    library: Library
    desk: str = "demo"
    channel: str = "web"
    at: datetime = field(default_factory=lambda: datetime.now(UTC))
    client_language: str | None = None
    run: Run | None = None
    offered: Tokens = ()

    def arrives(self) -> Answer:
        """She opens the page."""
        return self._take(Opened())

    def taps(self, token: str) -> Answer:
        """She taps a choice."""
        return self._take(Tapped(token))

    def types(self, text: str) -> Answer:
        """She writes."""
        return self._take(Typed(text))

    def hears(self, news: HandoffNews) -> Answer:
        """Something became of her wish for a person."""
        return self._take(HandoffOutcome(news))

    def next_tap(self, dice: Random) -> str:
        """A choice that keeps her with the guide; what she was offered last holds at least one."""
        stays = [token for token in self.offered if self._stays(token)]
        return dice.choice(stays or [self.offered[0]])

    def _stays(self, token: str) -> bool:
        if token.startswith("!") or self.run is None:
            return False
        step, _, choice = token.partition(".")
        if step in {"region", "language"} or choice in {"skip", "next"}:
            return choice != "next"
        wanted = self._script.steps.get(step)
        choices = wanted.kind.choices if wanted is not None and isinstance(wanted.kind, Ask) else ()
        to = next((self._script.steps[one.to] for one in choices if one.id == choice), None)
        if to is None or not isinstance(to.kind, STAYS):
            return False
        return not {Tag.CONSENT, Tag.EXIT} & to.tags and to.id != "closing"

    @property
    def _script(self) -> Script:
        return self.library.script(self.desk, None)[1]

    def _take(self, reply: Reply) -> Answer:
        script = self._script
        surroundings = self.library.surroundings(self.desk, self.channel, self.at, self.client_language)
        if self.run is None and isinstance(reply, Opened):
            turn = engine.start(script, None, surroundings)
        else:
            run = self.run or engine.new_run(script, None, surroundings)
            turn = engine.resume(script, run, reply, surroundings)
        return self._answer(turn)

    def _answer(self, turn: Turn) -> Answer:
        self.run = turn.run
        messages: list[Tokens] = []
        for effect in turn.effects:
            if isinstance(effect, Speak):
                messages.append(tuple(choice.token for choice in effect.choices))
            elif isinstance(effect, ShareResources):
                messages.append(())
        with_choices = [tokens for tokens in messages if tokens]
        if with_choices:
            self.offered = with_choices[-1]
        return Answer(tuple(messages))
