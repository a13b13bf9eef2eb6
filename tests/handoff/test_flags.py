"""What a volunteer is asked about before her words go out; nothing is refused for good."""

import pytest

from handoff.flags import Flags, addresses_in, digits_of, flags, links_in, numbers_in, tells_who


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("call 112 now", ("112",)),
        ("sună la 0800 500 333, e gratuit", ("0800 500 333",)),
        ("+40 (21) 311.66.36 or 0744-123-456", ("+40 (21) 311.66.36", "0744-123-456")),
        ("116 016 and 116016.", ("116 016", "116016")),
        ("dial *8989", ("*8989",)),
        ("٠١٢٣٤٥٦٧", ("٠١٢٣٤٥٦٧",)),
        ("112 112 112", ("112 112 112",)),
        ("tel:155", ()),  # glued to a word: nothing to tap, and a link besides
    ],
)
def test_what_can_be_rung_is_found_as_it_is_written(text: str, found: tuple[str, ...]) -> None:
    assert numbers_in(text) == found


@pytest.mark.parametrize(
    "text",
    [
        "in 2024", "1998-2003", "on 12.11.2026", "2026-11-18", "at 10:30", "10.30", "9-17", "from 10 - 12",
        "12 of us", "150 lei", "200 %", "40%", "about 500 m away", "word2vec 3d", "",
    ],
)  # fmt: skip
def test_years_days_hours_and_amounts_are_no_numbers_to_ring(text: str) -> None:
    assert numbers_in(text) == ()


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("see https://example.org/a?b=1.", ("https://example.org/a?b=1",)),
        ("www.example.org, please", ("www.example.org",)),
        ("write to me@example.org", ("me@example.org",)),
        ("example.org/help or tg://resolve", ("example.org/help", "tg://resolve")),
        ("no link here. Really none, e.g.", ()),
        ("I said yes.And then", ()),
    ],
)
def test_links_are_found_as_they_are_written(text: str, found: tuple[str, ...]) -> None:
    assert links_in(text) == found


def test_a_number_within_a_link_is_told_once_as_the_link() -> None:
    assert flags("https://example.org/0800500333", (), lambda _: False) == Flags(
        links=("https://example.org/0800500333",)
    )


def test_one_number_written_in_two_ways_is_known_in_both() -> None:
    known = {"+40800500333", "0800500333"}.__contains__
    text = "0800 500 333, +40 800 500 333 or 0040 800 500 333, not 0800 500 334"
    assert flags(text, (), known) == Flags(numbers=("0800 500 334",))
    assert digits_of("0040 800") == "+40800"
    assert digits_of("001") == "001"


def test_nothing_found_is_nothing_to_ask() -> None:
    assert not flags("I am here. Take your time.", (), lambda _: False)
    assert flags("x", ("police",), lambda _: False)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("lives at str. Lalelelor nr. 12, afraid", "str. Lalelelor nr. 12"),
        ("Strada Ștefan cel Mare 4", "Strada Ștefan cel Mare 4"),
        ("bd. Unirii, nr 7 now", "bd. Unirii, nr 7"),
        ("the door is bl. 4", "bl. 4"),
        ("ap 12", "ap 12"),
        ("22 Old Mill Road is where he waits", "22 Old Mill Road"),
        ("Gartenstraße 5", "Gartenstraße 5"),
        ("rue de la Paix 3", "rue de la Paix 3"),
    ],
)
def test_a_street_or_a_door_in_a_note_is_found(text: str, found: str) -> None:
    assert addresses_in(text) == (found,)
    assert tells_who(text).addresses == (found,)


@pytest.mark.parametrize(
    "text",
    [
        "speaks slowly", "2 children, 4 and 7", "prefers evenings, 19-21", "said yes to 112 once",
        "since 2019", "strada e goală", "the road home", "150 lei left", "rang 1414 twice",
        "afraid on day 3 of the way back",
    ],
)  # fmt: skip
def test_a_note_that_tells_nothing_of_her_is_kept_without_a_question(text: str) -> None:
    assert not tells_who(text)


def test_a_note_is_asked_about_for_numbers_and_addresses_of_every_kind() -> None:
    found = tells_who("her sister: 0744 123 456, ana@example.org, fb.com/ana, str. Morii 3")
    assert found == Flags(
        links=("ana@example.org", "fb.com/ana"), numbers=("0744 123 456",), addresses=("str. Morii 3",)
    )
