"""The few words of the page itself. Neutral: none of them says what the page is for (D-20)."""

from collections.abc import Mapping
from dataclasses import dataclass

RIGHT_TO_LEFT = frozenset({"ar", "ckb", "dv", "fa", "he", "ps", "sd", "ug", "ur", "yi"})


@dataclass(frozen=True, slots=True)
class Words:
    """Everything the page says by itself, in one language. Read by templates and by the page's script."""

    exit: str
    exit_key: str  # beside it, where there is a script
    begin: str
    send: str
    write_here: str
    lines: str  # name of the log for a screen reader
    look: str  # without a script: asks for new lines
    connecting: str
    connected: str
    offline: str
    sending: str
    guide: str  # who speaks, when it is the automatic guide
    you: str
    moved: str
    go_on_here: str
    slow: str
    busy: str
    unstored: str
    too_long: str
    bad_text: str
    empty: str
    refused: str
    too_large: str
    over: str


ENGLISH = Words(
    exit="Leave this page",
    exit_key="Or press Escape twice",
    begin="Begin",
    send="Send",
    write_here="Write here, or a number",
    lines="Lines",
    look="Anything new?",
    connecting="Connecting…",
    connected="Connected",
    offline="No connection just now. What you write is sent when it is back.",
    sending="Sending…",
    guide="Automatic",
    you="You",
    moved="This page is open in another place.",
    go_on_here="Go on here",
    slow="One moment, please. What you wrote is kept.",
    busy="It is busy here just now. You can stay and write; what you write is kept.",
    unstored="There is no answer just now. What you write stays on this page and is tried again.",
    too_long="This is too long for one piece. It is still here: please send it in two or more parts.",
    bad_text="Some signs in this could not be read. It is still here: please write them in another way.",
    empty="There was nothing in it. Write a word or a number.",
    refused="This could not be taken. Please open the page again.",
    too_large="This was too large to take. Please go back and send less at once.",
    over="This page is empty.",
)

ROMANIAN = Words(
    exit="Ieși din pagină",
    exit_key="Sau apasă Escape de două ori",
    begin="Începe",
    send="Trimite",
    write_here="Scrie aici, sau o cifră",
    lines="Rânduri",
    look="E ceva nou?",
    connecting="Se conectează…",
    connected="Conectat",
    offline="Nu este conexiune acum. Ce scrii se trimite când revine.",
    sending="Se trimite…",
    guide="Automat",
    you="Tu",
    moved="Pagina este deschisă în alt loc.",
    go_on_here="Continuă aici",
    slow="Un moment, te rog. Ce ai scris s-a păstrat.",
    busy="E aglomerat acum. Poți rămâne și poți scrie; ce scrii se păstrează.",
    unstored="Acum nu vine răspuns. Ce scrii rămâne pe această pagină și se încearcă din nou.",
    too_long="Textul e prea lung pentru o bucată. E încă aici: te rog, trimite-l în două sau mai multe.",
    bad_text="Unele semne nu au putut fi citite. Textul e încă aici: te rog, scrie-le altfel.",
    empty="Nu era nimic scris. Scrie un cuvânt sau o cifră.",
    refused="Nu am putut primi asta. Te rog, deschide pagina din nou.",
    too_large="A fost prea mult pentru o singură dată. Te rog, întoarce-te și trimite mai puțin.",
    over="Pagina este goală.",
)

WORDS: Mapping[str, Words] = {"en": ENGLISH, "ro": ROMANIAN}


def direction(language: str) -> str:
    """Which way a language is written: "rtl" or "ltr"."""
    return "rtl" if language.partition("-")[0].lower() in RIGHT_TO_LEFT else "ltr"


def offered_language(accepted: str | None, offered: Mapping[str, object]) -> str:
    """The first language of the browser's list that is offered, else "en"."""
    for tag in _tags(accepted):
        primary = tag.partition("-")[0]
        if primary in offered:
            return primary
    return "en"


def client_language(accepted: str | None) -> str | None:
    """The browser's first language tag, as it travels on inbound messages; None if it tells none."""
    return next(iter(_tags(accepted)), None)


def _tags(accepted: str | None) -> list[str]:
    """Language tags of an Accept-Language header, best first; what is no tag is passed over."""
    weighed: list[tuple[float, str]] = []
    for part in (accepted or "")[:512].split(","):
        tag, _, parameters = part.strip().partition(";")
        tag = tag.strip().lower()
        if not (2 <= len(tag) <= 16 and tag.isascii() and tag.replace("-", "").isalnum()):
            continue
        weighed.append((_weight(parameters), tag))
    return [tag for weight, tag in sorted(weighed, key=lambda pair: -pair[0]) if weight > 0]


def _weight(parameters: str) -> float:
    _, _, value = parameters.strip().partition("q=")
    try:
        return float(value) if value else 1.0
    except ValueError:
        return 0.0
