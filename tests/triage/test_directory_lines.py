"""B-130, D-20, D-23: number and country first; the name where a locked screen does not show it."""

from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, strategies as st

from triage.directory import Confidence, Directory, Found, Group, Hit, Kind, Mark, Resource, Scope, Service
from triage.directory_lines import LONGEST, NEUTRAL, WORDS, emergency_line, lines, open_line

TEXTS = {
    "word.resource_unchecked": "Not yet checked by us.",
    "word.resource_stale": "Last checked in {month}.",
    "word.closed_now": "closed now, opens {opens}",
    "word.open_now": "open now",
    "word.free": "free",
}
NAMES = {
    "RO": "Romania",
    "RO-CJ": "Cluj",
    "day.0": "Mon",
    "day.2": "Wed",
    "day.4": "Fri",
    "month.3": "March",
    "hours.always": "day and night",
    "hours.daily": "every day",
    "hours.unknown": "hours not known",
    "hours.not_on_holidays": "not on public holidays",
    "cost.some": "may cost money",
    "cost.unknown": "cost not known",
    "for.women": "for women",
    "for.adults": "for adults",
    "for.minors": "for under 18",
    "language.ro": "română",
    "language.hu": "magyar",
    "resource.can_change": "This can change. If it does not work, try another one.",
    "resource.can_change_emergency": "If the call does not go through, call once more.",
    "resource.registered_only": "Works only if you registered before.",
    "resource.not_for_danger": "Not for danger right now.",
}
LINE = Resource(
    id="ro.domestic_violence.line",
    country="RO",
    kind=Kind.DOMESTIC_VIOLENCE,
    scope=Scope.NATIONAL,
    name="The line",
    name_local="Linia",
    confidence=Confidence.HIGH,
    phone="0700000001",
    display="0700 000 001",
    hours="24/7",
    zone="Europe/Bucharest",
    languages=("ro",),
    groups=frozenset({Group.WOMEN}),
    free=True,
)


def told(hit: Hit, language: str = "en") -> list[str]:
    return lines(hit, language, TEXTS.__getitem__, NAMES).split("\n")


def test_number_and_country_come_first_and_the_name_last() -> None:
    assert told(Hit(LINE, open_now=True)) == [
        "0700 000 001 · Romania",
        "open now · day and night · free · română",
        "This can change. If it does not work, try another one.",
        "The line · for women",
    ]


def test_a_reader_of_its_language_sees_its_own_name() -> None:
    assert told(Hit(LINE), "ro-MD")[-1] == "Linia · for women"


def test_a_row_nobody_rang_says_so() -> None:
    assert "Not yet checked by us." in told(Hit(LINE, mark=Mark.UNCHECKED))


def test_a_stale_row_says_when_it_was_checked() -> None:
    assert "Last checked in March 2026." in told(Hit(LINE, mark=Mark.STALE, month="2026-03"))


def test_a_closed_line_says_when_it_opens_and_its_hours() -> None:
    row = replace(LINE, hours="Mon-Fri 08:00-20:00")
    opens = datetime(2026, 6, 29, 8, 0, tzinfo=ZoneInfo("Europe/Bucharest"))

    assert told(Hit(row, open_now=False, next_opening=opens))[1].startswith(
        "closed now, opens Mon 08:00 · Mon-Fri 08:00-20:00"
    )


@pytest.mark.parametrize(
    ("hours", "given_as", "shown"),
    [
        ("", "", "hours not known"),
        ("", "evenings, ask", "evenings, ask"),
        ("daily 10:00-12:00", "", "every day 10:00-12:00"),
        ("Wed 10:00-12:00", "", "Wed 10:00-12:00"),
        ("Mon-Fri 08:00-24:00, not on holidays", "", "Mon-Fri 08:00-24:00 · not on public holidays"),
    ],
)
def test_hours_are_told_as_far_as_they_are_known(hours: str, given_as: str, shown: str) -> None:
    assert told(Hit(replace(LINE, hours=hours, hours_as_given=given_as)))[1].startswith(shown)


@pytest.mark.parametrize(
    ("free", "shown"), [(True, "free"), (False, "may cost money"), (None, "cost not known")]
)
def test_cost_is_always_told(*, free: bool | None, shown: str) -> None:
    assert f" · {shown} · " in told(Hit(replace(LINE, free=free), open_now=True))[1]


def test_a_row_for_part_of_a_country_names_the_part() -> None:
    assert told(Hit(replace(LINE, region="RO-CJ")))[0] == "0700 000 001 · Cluj, Romania"


def test_an_unnamed_place_is_told_by_its_code_rather_than_not_at_all() -> None:
    assert told(Hit(replace(LINE, country="QQ", region="QQ-1")))[0] == "0700 000 001 · QQ-1, QQ"


def test_a_web_address_is_told_only_where_there_is_no_number() -> None:
    with_both = replace(LINE, website="https://line.example")

    assert "https" not in "".join(told(Hit(with_both)))
    assert told(Hit(replace(with_both, phone="", display="")))[-1] == "https://line.example"


def test_the_silent_way_shows_what_is_written_and_not_the_phone() -> None:
    row = replace(LINE, sms="3060", chat_url="https://chat.example")

    assert told(Hit(row, silent=True))[0] == "SMS 3060 · Romania"
    assert told(Hit(replace(row, sms=""), silent=True))[0] == "Romania"
    assert told(Hit(replace(row, sms=""), silent=True))[-1] == "https://chat.example"


def test_registration_and_non_emergency_are_said_before_the_name() -> None:
    assert "Works only if you registered before." in told(Hit(replace(LINE, needs_registration=True)))
    assert "Not for danger right now." in told(Hit(replace(LINE, non_emergency=True)))


def test_a_missing_text_of_the_guide_is_an_error_and_never_a_missing_mark() -> None:
    texts = {key: text for key, text in TEXTS.items() if key != "word.resource_unchecked"}

    with pytest.raises(KeyError):
        lines(Hit(LINE, mark=Mark.UNCHECKED), "en", texts.__getitem__, NAMES)


def test_the_words_it_asks_the_guide_for_are_the_ones_it_says_it_needs() -> None:
    assert frozenset(TEXTS) == WORDS


words_of = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=40)


@given(
    name=st.lists(words_of, min_size=1, max_size=15).map(" ".join),
    hours_as_given=st.text(st.characters(exclude_categories=["C"]), max_size=200),
    tongues=st.lists(st.sampled_from(["ro", "hu", "xx"]), max_size=8).map(tuple),
    mark=st.sampled_from([None, Mark.UNCHECKED, Mark.STALE]),
    known=st.booleans(),
)
def test_no_row_is_longer_than_a_message_and_none_loses_number_country_or_mark(
    *, name: str, hours_as_given: str, tongues: tuple[str, ...], mark: Mark | None, known: bool
) -> None:
    hours = "Mon-Fri 08:00-20:00" if known else ""
    row = replace(
        LINE, name=name, name_local="", hours=hours, hours_as_given=hours_as_given, languages=tongues
    )

    text = lines(Hit(row, mark=mark, month="2026-03"), "en", TEXTS.__getitem__, NAMES)

    assert len(text) <= LONGEST
    assert text.startswith("0700 000 001 · Romania\n")
    assert (TEXTS["word.resource_unchecked"] in text) == (mark is Mark.UNCHECKED)
    assert ("Last checked in March 2026." in text) == (mark is Mark.STALE)


def test_the_name_comes_after_what_a_locked_screen_may_show() -> None:
    for mark in (None, Mark.UNCHECKED, Mark.STALE):
        text = lines(Hit(LINE, mark=mark, month="2026-03", open_now=True), "en", TEXTS.__getitem__, NAMES)
        assert text.index("The line") >= NEUTRAL


def test_nobody_is_sent_from_the_emergency_number_to_another_one() -> None:
    urgent = Hit(replace(LINE, kind=Kind.EMERGENCY, service=Service.ALL), open_now=True)

    assert "If the call does not go through, call once more." in told(urgent)
    assert NAMES["resource.can_change"] not in told(urgent)
    assert NAMES["resource.can_change"] in told(Hit(LINE, open_now=True))
    written = Hit(replace(LINE, kind=Kind.EMERGENCY, service=Service.ALL, phone="", display="", sms="113"))
    assert NAMES["resource.can_change"] in told(written)


def test_the_one_number_to_ring_is_told_with_its_country() -> None:
    urgent = replace(
        LINE, id="ro.emergency.112", kind=Kind.EMERGENCY, service=Service.ALL, phone="112", display=""
    )
    now = datetime(2026, 7, 1, tzinfo=UTC)

    def asked(directory: Directory, region: str | None) -> str:
        return emergency_line(directory, region=region, desk_country="RO", names=NAMES, now=now, mode="open")

    assert asked(Directory.of([urgent]), "RO") == "112 (Romania)"
    assert asked(Directory.of([urgent]), None) == "112 (Romania)"
    assert asked(Directory.of([]), "RO") == ""


def test_a_line_to_call_now_is_open_has_a_number_and_keeps_its_name_to_itself() -> None:
    def asked(*hits: Hit, more: tuple[Hit, ...] = ()) -> str:
        return open_line(Found(rows=hits, more=more), TEXTS.__getitem__, NAMES)

    closed, page = Hit(LINE, open_now=False), Hit(replace(LINE, phone="", display=""), open_now=True)
    urgent = Hit(replace(LINE, kind=Kind.EMERGENCY, service=Service.ALL), open_now=True)
    here = Hit(LINE, mark=Mark.UNCHECKED, open_now=True)
    assert asked(closed, page, Hit(LINE, open_now=None), urgent) == ""
    assert asked(closed, more=(here,)) == "0700 000 001 (Romania), Not yet checked by us"
