"""One conversation with the default script, told by taps."""

from tests.config.shipped import around, script
from triage import engine
from triage.effects import RequestHandoff, ShareResources, Speak
from triage.run import Reply, Run, Surroundings, Tapped, Turn

TO_NOTICE = ("hello.yes", "safe_check.no")
TO_AGE = (*TO_NOTICE, "notice3.ok", "word_question.no", "danger_now.no")
TO_WANT = (*TO_AGE, "age.yes", "role.me")


AROUND = around()


class Journey:
    """One conversation; `effects` are those of the last turn, `all` those of every turn."""

    def __init__(self, language: str = "en", surroundings: Surroundings | None = None) -> None:
        self.around = surroundings or AROUND
        self._took(engine.start(script(), language, self.around), [])

    def _took(self, turn: Turn, before: list[object]) -> None:
        self.run: Run = turn.run
        self.effects = list(turn.effects)
        self.all: list[object] = [*before, *turn.effects]

    def reply(self, reply: Reply) -> "Journey":
        self._took(engine.resume(script(), self.run, reply, self.around), self.all)
        return self

    def taps(self, *tokens: str) -> "Journey":
        for token in tokens:
            assert token in self.offered, (token, self.run.step, self.offered)
            self.reply(Tapped(token))
        return self

    @property
    def offered(self) -> list[str]:
        spoken = [effect for effect in self.effects if isinstance(effect, Speak) and effect.choices]
        return [choice.token for choice in spoken[-1].choices] if spoken else []

    @property
    def said(self) -> list[str]:
        return [effect.key for effect in self.effects if isinstance(effect, Speak)]

    def shared(self) -> list[str]:
        return [effect.need for effect in self.effects if isinstance(effect, ShareResources)]

    def asked(self) -> list[RequestHandoff]:
        return [effect for effect in self.all if isinstance(effect, RequestHandoff)]
