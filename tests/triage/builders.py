"""A small script, and a woman who plays it: what she sees, types and taps."""

from collections.abc import Mapping
from pathlib import Path

from triage import engine
from triage.effects import Effect, OfferedChoice, Speak
from triage.global_words import GlobalWords
from triage.model import Script
from triage.reading import SourceFile, read_script
from triage.reading_texts import required_keys
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
    Typed,
)

GLOBAL_WORDS = GlobalWords(
    {
        "en": {
            "hide": ["hide"],
            "help_now": ["help now", "help"],
            "person": ["person"],
            "menu": ["menu"],
            "back": ["back"],
            "language": ["language"],
            "stop": ["stop"],
            "more": ["more"],
            "person_off": ["guide only"],
            "show": ["show"],
            "wait": ["wait"],
        },
        "ro": {
            "hide": ["ascunde"],
            "help_now": ["ajutor acum"],
            "person": ["persoana"],
            "menu": ["meniu"],
            "back": ["inapoi"],
            "language": ["limba"],
            "stop": ["opreste"],
        },
    }
)
REGIONS = ("RO", "CZ", "LT", "MD", "UA", "PL", "DE", "ES")
REGION_NAMES = {
    "en": dict(
        zip(
            REGIONS,
            ("Romania", "Czechia", "Lithuania", "Moldova", "Ukraine", "Poland", "Germany", "Spain"),
            strict=True,
        )
    ),
    "ro": {"RO": "România", "CZ": "Cehia"},
}
GRID = {
    "en": tuple(tuple(f"{letter}{number}" for number in range(1, 9)) for letter in ("a", "b", "c", "d")),
    "ro": tuple(tuple(f"{letter}{number}" for number in range(1, 9)) for letter in ("s", "t", "u", "v")),
}
OPEN = Surroundings(
    channel="web",
    regions=REGIONS,
    region_names=REGION_NAMES,
    open_now=True,
    on_duty=frozenset({"volunteer"}),
    grid=GRID,
    words=GLOBAL_WORDS,
    callbacks=(("a", "Monday 18:00–20:00"), ("b", "Tuesday 09:00–11:00")),
)
LABELS = {"hello.yes": "Yes", "hello.later": "Later", "want.person": "A person", "want.done": "I am done"}


def script_from(
    text: str, labels: Mapping[str, str] = LABELS, languages: tuple[str, ...] = ("en", "ro")
) -> Script:
    """The script of `text`; every text it needs is its own key, in Romanian with "ro " before it."""
    bare = SourceFile("line.yaml", text)
    empty = {language: SourceFile(f"line.{language}.yaml", "word.kept: k") for language in languages}
    script, issues = read_script(bare, empty)
    assert script is not None, [str(issue) for issue in issues]
    keys = {key: labels.get(key, key) for key in required_keys(script)}
    texts: dict[str, SourceFile] = {}
    for language in languages:
        mark = "" if language == "en" else f"{language} "
        lines = [f'{key}: "{mark}{value}"' for key, value in keys.items()]
        texts[language] = SourceFile(f"line.{language}.yaml", "\n".join(lines))
    script, issues = read_script(bare, texts)
    assert script is not None, [str(issue) for issue in issues]
    return script


LINE = script_from(Path(__file__).with_name("line.yaml").read_text(encoding="utf-8"))


class Talk:
    """One conversation from her side. `effects` are the last turn's."""

    def __init__(
        self,
        script: Script = LINE,
        around: Surroundings = OPEN,
        language: str | None = None,
        run: Run | None = None,
    ) -> None:
        self.script = script
        self.around = around
        if run is None:
            turn = engine.start(script, language, around)
            self.run, self.effects = turn.run, turn.effects
        else:
            self.run, self.effects = run, ()

    def reply(self, reply: Reply) -> "Talk":
        turn = engine.resume(self.script, self.run, reply, self.around)
        self.run, self.effects = turn.run, turn.effects
        return self

    def types(self, *texts: str) -> "Talk":
        for text in texts:
            self.reply(Typed(text))
        return self

    def taps(self, *tokens: str) -> "Talk":
        for token in tokens:
            self.reply(Tapped(token))
        return self

    def opens(self) -> "Talk":
        return self.reply(Opened())

    def sends_media(self) -> "Talk":
        return self.reply(SentMedia())

    def hears(self, news: HandoffNews) -> "Talk":
        return self.reply(HandoffOutcome(news))

    def phrase_is(self, *, found: bool) -> "Talk":
        return self.reply(PhraseOutcome(found))

    @property
    def said(self) -> list[str]:
        """Keys of what was said in the last turn."""
        return [effect.key for effect in self.effects if isinstance(effect, Speak)]

    @property
    def choices(self) -> tuple[OfferedChoice, ...]:
        """What was offered last in the last turn."""
        return next((e.choices for e in reversed(self.effects) if isinstance(e, Speak) and e.choices), ())

    @property
    def tokens(self) -> list[str]:
        return [choice.token for choice in self.choices]

    @property
    def digits(self) -> list[str]:
        return [choice.digit for choice in self.choices]


def effects_of(talk: Talk, kind: type) -> list[Effect]:
    """Effects of one kind in the last turn."""
    return [effect for effect in talk.effects if isinstance(effect, kind)]


def at_menu(script: Script = LINE, around: Surroundings = OPEN) -> Talk:
    """She has passed safe check and notice, nobody else near, and stands at the menu."""
    return Talk(script, around).taps("hello.yes", "safe.no", "notice2.ok")


def in_queue(script: Script = LINE, around: Surroundings = OPEN) -> Talk:
    """She waits for a person; her age is said."""
    talk = at_menu(script, around).taps("want.person", "consent.yes")
    return talk.taps("age.adult") if talk.run.step == "age" else talk
