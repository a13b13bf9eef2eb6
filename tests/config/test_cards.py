"""What single cards of the default script must say, in both languages: the rest the linter sees."""

import pytest

from tests.config.shipped import LANGUAGES, script
from triage.lint.matching import fold
from triage.model import Ask, Remember

SAYS: dict[str, dict[str, tuple[str, ...]]] = {
    # What hiding cannot undo, and that other people's threats can be proof (B-016, B-026).
    "hide_help": {
        "en": (
            "screenshots",
            "programs that watch",
            "notices already shown",
            "other devices",
            "can be proof",
        ),
        "ro": ("capturi", "programe care urmaresc", "notificari deja aparute", "alte dispozitive", "dovezi"),
    },
    # A doctor even without marks, even days later; when to call at once (B-035).
    "neck": {
        "en": ("doctor", "no marks", "days later", "{emergency}"),
        "ro": ("medic", "fara urme", "dupa zile", "{emergency}"),
    },
    "hurt": {"en": ("doctor", "without hearing"), "ro": ("medic", "fara sa afle")},  # B-038
    "low": {"en": ("glad", "{emergency}", "person"), "ro": ("bucur", "{emergency}", "cineva")},  # B-040
    # Time, choice, no order about washing (B-080, B-082).
    "sexual_care": {
        "en": ("you choose", "up to 3 days", "up to 5", "free to do either"),
        "ro": ("tu alegi", "primele 3 zile", "primele 5", "alegi tu"),
    },
    "sexual_care_next": {"en": ("you decide", "police"), "ro": ("tu decizi", "politie")},
    # A stranger wants money: pay nothing, send nothing, stop, keep the threats, report (B-075).
    "t_money": {
        "en": ("you owe nothing", "sending more", "keep the messages", "stop answering", "report"),
        "ro": (
            "nu datorezi nimic",
            "trimiti mai mult",
            "pastreaza mesajele",
            "nu mai raspunde",
            "raporteaza",
        ),
    },
    "minor_images": {
        "en": (
            "pay nothing",
            "send nothing more",
            "stop answering",
            "show the picture to nobody",
            "report",
            "take it down",
        ),
        "ro": (
            "nu plati",
            "nu mai trimite",
            "nu mai raspunde",
            "nu arata poza nimanui",
            "raporteaza",
            "take it down",
        ),
    },
    # What helps adults says that the picture stays, and that only sites that take part can block it (B-074).
    "t_images_shared": {
        "en": ("stopncii", "adults", "stays on your device", "take part"),
        "ro": ("stopncii", "adultii", "ramane pe dispozitivul tau", "participa"),
    },
    "t_images_young": {
        "en": ("take it down", "stays on your device", "take part"),
        "ro": ("take it down", "ramane pe dispozitivul tau", "participa"),
    },
    # Optional, only if safe; what to note; originals; where nobody looks (B-076).
    "t_proof": {
        "en": (
            "only if it is safe",
            "never a condition",
            "date, time, what, where",
            "originals",
            "nobody else looks",
        ),
        "ro": (
            "doar daca e sigur",
            "niciodata ca o conditie",
            "data, ora, ce, unde",
            "originalele",
            "nu se uita nimeni",
        ),
    },
    "plan_leaving": {
        "en": ("most dangerous", "trained person"),
        "ro": ("cele mai periculoase", "persoana cu pregatire"),
    },
    "plan_staying": {"en": ("a room with a way out", "signal word"), "ro": ("camera cu iesire", "un cuvant")},
    "plan_papers": {"en": ("copies", "can stay hidden"), "ro": ("copii ale actelor", "ramane ascunsa")},
    "plan_children": {"en": ("not their task", "secrets"), "ro": ("nu e rolul lor", "secrete")},  # B-089
    "who_i_am": {
        "en": ("whom you love", "count as harm"),
        "ro": ("pe cine iubesti", "rau facut tie"),
    },  # B-064
    "papers": {"en": ("does not depend", "police"), "ro": ("nu depinde", "politia")},  # B-069
    # Listen, decide nothing for her, confirm nothing, send nothing unasked, do not confront (B-061, B-065).
    "helper": {
        "en": ("believing", "nobody here can say"),
        "ro": ("sa crezi", "nimeni de aici nu poate spune"),
    },
    "helper_tips": {"en": ("without a yes", "make it worse"), "ro": ("fara un da", "inrautati lucrurile")},
    "own": {"en": ("nobody here can talk about any other",), "ro": ("nu poate vorbi despre alta persoana",)},
    "own_pause": {"en": ("leave the room", "breathe out"), "ro": ("iesi din camera", "expira")},
    "minor": {
        "en": ("serious danger", "have to tell"),
        "ro": ("pericol grav", "sa spuna mai departe"),
    },  # B-052
    "age": {
        "en": ("if you are under 18", "leave this open"),
        "ro": ("daca ai sub 18", "poti sa nu raspunzi"),
    },
}
CASES = [(language, step) for language in LANGUAGES for step in SAYS]


@pytest.mark.parametrize(("language", "step"), CASES)
def test_a_card_says_what_it_must(language: str, step: str):
    said = fold(script().texts[language][f"{step}.text"].text)
    assert [part for part in SAYS[step][language] if part not in said] == []


def test_plans_are_read_and_never_remembered():  # B-087
    plans = [step for name, step in script().steps.items() if name.startswith("plan")]
    assert plans
    assert not any(isinstance(step.kind, Remember) for step in plans)
    asks = [step.kind for step in plans if isinstance(step.kind, Ask)]
    assert not any(choice.remember for kind in asks for choice in kind.choices)


def test_nothing_but_the_days_is_asked_after_sexual_violence():  # B-081
    asked = {
        key
        for name, step in script().steps.items()
        if name.startswith("sexual") and isinstance(step.kind, Ask)
        for choice in step.kind.choices
        for key in choice.remember
    }
    assert asked <= {"recent", "flagged"}


KINDS_OF_ONLINE_HARM = {  # B-070
    "t_phone", "t_accounts", "t_place", "t_images_close", "t_images_shared", "t_money", "t_posted",
    "t_pretend", "t_messages", "t_threats", "t_home", "t_general",
}  # fmt: skip


def test_every_kind_of_online_harm_has_its_card():
    cards = {
        name for name, step in script().steps.items() if any(tag.startswith("card.") for tag in step.tags)
    }
    assert cards >= KINDS_OF_ONLINE_HARM


def test_papers_and_status_are_never_asked():  # B-069
    keys = {
        key
        for step in script().steps.values()
        if isinstance(step.kind, Ask)
        for choice in step.kind.choices
        for key in choice.remember
    }
    assert keys == {"age_band", "flagged", "helped", "recent", "role", "safety", "shares", "topic"}
