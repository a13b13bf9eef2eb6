"""The guide speaks: effects of the script become outbox entries with real numbers in them (PR13)."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace

from bot.services import held, her_words, quiet
from bot.services.entries import Body, Purpose, post
from bot.services.talk import Talk
from handoff.desks import Desk, Minors
from handoff.duty_codes import MINORS
from handoff.model import Tier
from handoff.waits import Wait
from triage.directory import Audience, Found, find
from triage.directory_lines import emergency_line, lines, open_line
from triage.directory_numbers import sendable_numbers
from triage.effects import OfferedChoice, ShareResources, Speak
from triage.language import local_time
from triage.model import GlobalAction, Script
from triage.notices import said_beside
from triage.rendering import PLAIN, Rendered, fill, render, variant_of

WORD_PLACEHOLDERS = {
    "hide": GlobalAction.HIDE,
    "stop": GlobalAction.STOP,
    "person": GlobalAction.PERSON,
    "help_now": GlobalAction.HELP_NOW,
}
OWN_PLACEHOLDERS = ("org", "alias", "emergency", "next_opening", "open_line", "retention")
# What we hold at most after a chat ended (B-107); fixed, so the words that tell it are fixed too.
RETENTION = {"en": "24 hours", "ro": "24 de ore"}


class HostValues(Mapping[str, str]):
    """What a placeholder stands for, computed only when a text asks for it."""

    def __init__(self, talk: Talk, given: Mapping[str, str]) -> None:
        self._talk = talk
        self._given = given

    def __getitem__(self, name: str) -> str:  # pyright: ignore[reportImplicitOverride]  typing.override came with 3.12
        """The value of `{name}`; KeyError for a name nobody fills."""
        if name in self._given:
            return self._given[name]
        talk, library = self._talk, self._talk.house.library
        if name in WORD_PLACEHOLDERS:
            return library.globals.first(WORD_PLACEHOLDERS[name], talk.language)
        if name == "org":
            return talk.house.organisation
        if name == "alias":
            return talk.opened.state.alias
        if name == "emergency":
            return emergency(talk)
        if name == "next_opening":
            return next_opening(talk)
        if name == "open_line":
            return number_to_call(talk)
        if name == "retention":
            return RETENTION.get(talk.language.partition("-")[0], "24 h")
        raise KeyError(name)

    def __iter__(self) -> Iterator[str]:  # pyright: ignore[reportImplicitOverride]  typing.override came with 3.12
        """Names that can be filled."""
        return iter((*self._given, *WORD_PLACEHOLDERS, *OWN_PLACEHOLDERS))

    def __len__(self) -> int:  # pyright: ignore[reportImplicitOverride]  typing.override came with 3.12
        """How many names can be filled."""
        return len(self._given) + len(WORD_PLACEHOLDERS) + len(OWN_PLACEHOLDERS)


def emergency(talk: Talk) -> str:
    """The emergency number of her region, else of the desk's country, always with its country named."""
    library = talk.house.library
    return emergency_line(
        library.directory,
        region=region(talk),
        desk_country=library.desks[talk.opened.desk].default_country,
        names=library.region_names.get(talk.language, {}),
        now=talk.at,
        mode=talk.house.mode,
    )


def number_to_call(talk: Talk) -> str:
    """A line that is open now, else the emergency number: what she can use at once (B-028)."""
    library = talk.house.library
    run = talk.opened.state.run
    answers: Mapping[str, str] = run.answers if run else {}
    need = answers.get("need", "domestic_violence")
    found = search(talk, need, region(talk), answers)
    names = library.region_names.get(talk.language, {})
    return open_line(found, library.words(talk.language), names) or emergency(talk)


def knows_number(talk: Talk) -> Callable[[str], bool]:
    """Whether the directory would send a number, given as `handoff.flags.digits_of`, to her region now."""
    library = talk.house.library
    known: list[frozenset[str]] = []

    def knows(digits: str) -> bool:
        if not known:  # most lines hold no number at all
            country = library.desks[talk.opened.desk].default_country
            place = region(talk)
            numbers = sendable_numbers(
                library.directory, region=place, desk_country=country, now=talk.at, mode=talk.house.mode
            )
            known.append(numbers)
        return digits in known[0]

    return knows


def region(talk: Talk) -> str | None:
    """The region she chose; never guessed (B-128)."""
    run = talk.opened.state.run
    return run.answers.get("region") if run else None


def next_opening(talk: Talk) -> str:
    """When the desk opens next, in the desk's local time and said to be so, as she would say it."""
    library = talk.house.library
    board = library.boards.get(talk.opened.desk)
    at = board.next_opening(talk.at) if board else None
    if at is None:
        return library.words(talk.language)("word.not_known")
    there = library.words(talk.language)("word.local_time")
    return f"{local_time(at, library.desks[talk.opened.desk].zone, talk.language)}, {there}"


def say(talk: Talk, script: Script, speak: Speak, purpose: Purpose = Purpose.ANSWER) -> str:
    """Say one text of the script with its choices; returns the entry id."""
    run = talk.opened.state.run
    variant = variant_of(run.answers) if run else PLAIN
    values = HostValues(talk, speak.values)
    rendered = render(script, talk.language, talk.opened.channel, speak, values, variant=variant)
    rendered = _with_own_words(talk, speak, rendered)
    if rendered.missing:
        talk.count("text.placeholder_missing")
    text = rendered.text + _what_must_be_said(talk, script, speak)
    entry = _post(talk, text, _choices(rendered), purpose)
    her_words.note_row(talk, speak.choices, entry)
    return entry


def _with_own_words(talk: Talk, speak: Speak, rendered: Rendered) -> Rendered:
    """Words of the host that a revision does not hold, as it was published before they were written."""
    absent = {name for name in rendered.missing if name.startswith("word.")}
    if not absent:
        return rendered
    words = talk.house.library.words(talk.language)
    keys = [choice.key for choice in speak.choices]
    labels = tuple(
        (token, words(key) if key in absent else label)
        for key, (token, label) in zip(keys, rendered.choices, strict=True)
    )
    text, unknown = rendered.text, ()
    if speak.key in absent:
        text, unknown = fill(words(speak.key), speak.values, HostValues(talk, {}))
    missing = tuple(name for name in rendered.missing if name not in absent)
    return replace(rendered, text=text, choices=labels, missing=(*missing, *unknown))


def is_minor(answers: Mapping[str, str]) -> bool:
    """She said that she is under 18 (B-050)."""
    return answers.get("age_band") == "under_18"


def skills_for(answers: Mapping[str, str], desk: Desk | None) -> frozenset[str]:
    """What her volunteer must have: under 18 the skill for it, or to be a supervisor, as the desk says."""
    if not is_minor(answers):
        return frozenset()
    guided = desk is not None and desk.minors is Minors.SUPERVISOR_ONLY
    return frozenset({Tier.SUPERVISOR.value if guided else MINORS})


def audience(answers: Mapping[str, str], need: str) -> Audience:
    """For whom the directory is searched: by what she chose, never by a guess."""
    if answers.get("role") == "own":
        return Audience.OWN_BEHAVIOUR
    if is_minor(answers):
        return Audience.MINOR
    return Audience.MAN if need == "men" else Audience.ADULT


def _what_must_be_said(talk: Talk, script: Script, speak: Speak) -> str:
    """What the notice also says: in what mode the line runs, what the organisation does in danger (B-032)."""
    house = talk.house
    policy = house.library.desks[talk.opened.desk].rescue_policy.value
    words, values = house.library.words(talk.language), HostValues(talk, {})
    said = (fill(words(key), values)[0] for key in said_beside(script, speak.key, house.mode, policy))
    return "".join(f"\n{text}" for text in said if text)


def tell_text(talk: Talk, text: str) -> str:
    """Tell a plain text of the house, without choices; returns the entry id."""
    return _post(talk, text, [], Purpose.ANSWER)


def say_word(
    talk: Talk,
    script: Script,
    key: str,
    choices: tuple[OfferedChoice, ...] = (),
    values: Mapping[str, str] | None = None,
    purpose: Purpose = Purpose.ANSWER,
) -> str:
    """Say one of the guide's own words."""
    step = talk.opened.state.run.step if talk.opened.state.run else script.start
    return say(talk, script, Speak(step=step, key=key, choices=choices, values=values or {}), purpose)


def tell(
    talk: Talk,
    key: str,
    choices: Sequence[tuple[str, str, str]] = (),
    values: Mapping[str, str] | None = None,
    purpose: Purpose = Purpose.ANSWER,
) -> str:
    """Say words of the host in this conversation; `choices` are (token, key of the label, digit)."""
    _, script = talk.house.library.script(talk.opened.desk, talk.opened.revision)
    offered = tuple(OfferedChoice(token, digit, label) for token, label, digit in choices)
    return say_word(talk, script, key, offered, values, purpose)


def share(talk: Talk, effect: ShareResources) -> str:
    """Send at most three resources; never nothing (PR13)."""
    library = talk.house.library
    run = talk.opened.state.run
    found = search(talk, effect.need, effect.region, run.answers if run else {})
    for alarm in found.alarms:
        talk.count(f"resource.alarm.{alarm.split(':', maxsplit=1)[0]}")
    words = library.words(talk.language)
    names = library.region_names.get(talk.language, {})
    text = "\n\n".join(lines(hit, talk.language, words, names) for hit in found.rows)
    talk.count("resource.sent")
    return _post(talk, text, [], Purpose.CARD)


def search(talk: Talk, need: str, place: str | None, answers: Mapping[str, str]) -> Found:
    """What the directory may send her now for a need, and for whom she said it is."""
    library = talk.house.library
    return find(
        library.directory,
        region=place,
        need=need,
        language=talk.language,
        now=talk.at,
        mode=talk.house.mode,
        desk_country=library.desks[talk.opened.desk].default_country,
        audience=audience(answers, need),
    )


def say_wait(
    talk: Talk, script: Script, wait: Wait, choices: tuple[OfferedChoice, ...], purpose: Purpose
) -> None:
    """Say honestly how long it may take (B-093, B-095)."""
    key = {"minutes": "word.waiting", "unknown": "word.waiting_unknown", "long": "word.waiting_long"}[
        wait.kind
    ]
    say_word(talk, script, key, choices, {"wait": str(wait.minutes or "")}, purpose)


def _choices(rendered: Rendered) -> list[list[str]]:
    return [
        [token, label, digit] for (token, label), digit in zip(rendered.choices, rendered.digits, strict=True)
    ]


def _post(talk: Talk, text: str, choices: list[list[str]], purpose: Purpose) -> str:
    opened = talk.opened
    news_kept = purpose in {Purpose.NEWS, Purpose.OUTCOME} and held.keeps_back(talk)
    entry = post(talk, Body(text=text, choices=choices, language=talk.language), purpose, held=news_kept)
    if news_kept:
        if opened.state.quiet:
            quiet.tell_silently(talk)
    else:
        quiet.note_shown(talk, "ours", entry)
    return entry
