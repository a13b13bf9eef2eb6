"""One turn in the making: where she is, what was asked of the host so far. Mutable, lives for one turn."""

from collections.abc import Iterable, Mapping
from typing import Final

from triage import words
from triage.effects import Effect, OfferedChoice, RaiseUrgency, Remembered, Speak
from triage.language import choose_language
from triage.model import GlobalAction, Script, Step, Urgency
from triage.run import Aside, Run, Surroundings, Turn

MAX_TRAIL: Final = 20
SHOW_HIDE_EVERY: Final = 3  # messages (D-02)
NOT_TOLD: Final = frozenset({"safety", "shares"})  # answers that reach the host as effects of their own
HIDE_CHOICE: Final = OfferedChoice("!hide", "9", words.HIDE_LABEL)
MORE_CHOICE: Final = OfferedChoice("!more", "0", words.MORE_LABEL)
ALWAYS_OFFERED: Final = (HIDE_CHOICE, MORE_CHOICE)


class Walk:
    """A run that is being moved; attributes are those of `Run`."""

    __slots__ = (
        "answers",
        "aside",
        "effects",
        "goal",
        "grid",
        "handoff",
        "language",
        "live",
        "media",
        "misses",
        "over",
        "page",
        "passed",
        "return_to",
        "said",
        "script",
        "step",
        "surroundings",
        "told_languages",
        "trail",
    )

    def __init__(self, script: Script, run: Run, surroundings: Surroundings) -> None:
        self.script = script
        self.surroundings = surroundings
        self.effects: list[Effect] = []
        self.step: str = run.step
        self.language: str = run.language
        self.answers: Mapping[str, str] = run.answers
        self.passed: frozenset[str] = run.passed
        self.trail: tuple[str, ...] = run.trail
        self.misses: int = run.misses
        self.goal: GlobalAction | None = run.goal
        self.return_to: str | None = run.return_to
        self.aside: Aside = run.aside
        self.page: int = run.page
        self.grid: tuple[str, ...] = run.grid
        self.said: int = run.said
        self.over: bool = run.over
        self.media: int = run.media
        self.handoff: str | None = run.handoff
        self.live: bool = run.live
        self.told_languages: bool = run.told_languages
        if run.language not in script.texts:
            self.language = choose_language(script.languages, run.language, surroundings.client_language)

    @property
    def here(self) -> Step:
        """The step she waits at."""
        return self.script.steps[self.step]

    @property
    def waits_for_person(self) -> bool:
        """True while a handoff is asked for and nobody is here yet."""
        return self.handoff is not None and not self.live

    def turn(self) -> Turn:
        """The turn, finished."""
        run = Run(  # by place: it is made at every turn, and names cost
            self.script.id,
            self.step,
            self.language,
            self.answers,
            self.passed,
            self.trail,
            self.misses,
            self.goal,
            self.return_to,
            self.aside,
            self.page,
            self.grid,
            self.said,
            self.over,
            self.media,
            self.handoff,
            self.live,
            self.told_languages,
        )
        return Turn(run, tuple(self.effects))

    def restart(self) -> None:
        """Forget everything but the language; nothing is said yet."""
        fresh = Walk(self.script, Run(self.script.id, self.script.start, self.language), self.surroundings)
        for name in self.__slots__:
            if name != "effects":
                setattr(self, name, getattr(fresh, name))

    def arrive(self, step: str, *, keep_way: bool = True) -> None:
        """Wait at `step` from now on; what belonged to the step before is dropped."""
        if keep_way and step != self.step and self.step in self.script.steps:
            self.trail = (*self.trail, self.step)[-MAX_TRAIL:]
        self.step = step
        self.misses = 0
        self.aside = Aside.NONE
        self.page = 0
        self.grid = ()

    def has_text(self, key: str) -> bool:
        """Whether the source language has a text for `key`, plain or for one channel."""
        keys: frozenset[str] | None = self.script.memo.get("text keys")
        if keys is None:
            texts = self.script.texts.get(self.script.languages[0], {})
            keys = frozenset(".".join(key.split(".", 2)[:2]) for key in texts)
            self.script.memo["text keys"] = keys
        return key in keys

    def speak(
        self,
        key: str,
        choices: tuple[OfferedChoice, ...] = (),
        *,
        step: str = "",
        values: Mapping[str, str] | None = None,
        language: str = "",
    ) -> None:
        """Say `key`, in her language unless told another; every third in a row shows how to hide (D-02)."""
        self.said = 0 if choices else self.said + 1
        if self.said >= SHOW_HIDE_EVERY:
            choices = ALWAYS_OFFERED
            self.said = 0
        self.effects.append(Speak(step or self.step, key, choices, values or {}, language))

    def remember(self, answers: Mapping[str, str]) -> None:
        """Store coded answers and tell the host, except those that reach it otherwise."""
        if answers:
            self.answers = {**self.answers, **answers}
            self.effects.extend(Remembered(key, code) for key, code in answers.items() if key not in NOT_TOLD)

    def forget(self, keys: Iterable[str]) -> None:
        """Drop coded answers of this run."""
        dropped = set(keys)
        self.answers = {key: code for key, code in self.answers.items() if key not in dropped}

    def note_flags(self, step: Step) -> None:
        """Let a reached step set the need and raise the urgency of a later handoff, each once."""
        if step.need is not None and self.answers.get("need") != step.need:
            self.answers = {**self.answers, "need": step.need}
        if step.urgency is None:
            return
        reasons = self.answers.get("reasons", "").split()
        if step.id in reasons:
            return
        strongest = min(step.urgency, Urgency(self.answers.get("urgency", step.urgency)))
        told = {"urgency": strongest.value, "reasons": " ".join((*reasons, step.id))}
        self.answers = {**self.answers, **told}
        self.effects.append(RaiseUrgency(step.urgency, step.id))
