"""PR13, B-126, B-128, B-129, B-130: what may be sent, in which order, with what said beside it."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from triage.directory import (
    Audience,
    Confidence,
    Directory,
    Found,
    Group,
    Kind,
    Mark,
    Resource,
    Scope,
    Service,
    find,
)

NOW = datetime(2026, 7, 1, 12, 0, tzinfo=UTC)  # a Wednesday, 15:00 in Bucharest
TODAY = NOW.date()
EVERYONE = frozenset({Group.WOMEN, Group.MEN, Group.MINORS})


def a_row(
    slug: str,
    kind: Kind = Kind.DOMESTIC_VIOLENCE,
    country: str = "RO",
    rung: int | None = None,
    **facts: object,
) -> Resource:
    """A sourced row; `rung` is how many days ago a person of the hotline rang it."""
    plain: dict[str, object] = {
        "id": f"{country.lower()}.{kind}.{slug}",
        "country": country,
        "kind": kind,
        "scope": Scope.NATIONAL,
        "name": slug,
        "confidence": Confidence.HIGH,
        "phone": "0700 000 001",
        "hours": "24/7",
        "zone": "Europe/Bucharest",
        "languages": ("ro",),
        "groups": EVERYONE,
        "verified_on": None if rung is None else TODAY - timedelta(days=rung),
        "verified_by": None if rung is None else "cleo",
        **facts,
    }
    return Resource(**plain)  # type: ignore[arg-type]


URGENT = a_row("112", Kind.EMERGENCY, service=Service.ALL, phone="112")


def search(*rows: Resource, need: str = "domestic_violence", mode: str = "open", **asked: object) -> Found:
    question: dict[str, object] = {"region": "RO", "language": "ro", "now": NOW, **asked}
    return find(Directory.of(rows), need=need, mode=mode, **question)  # type: ignore[arg-type]


def slugs(found: Found) -> list[str]:
    return [hit.resource.name for hit in found.rows]


@pytest.mark.parametrize("days", [0, 179])
def test_a_row_rung_less_than_180_days_ago_is_sent_unmarked(days: int) -> None:
    found = search(URGENT, a_row("line", rung=days))

    assert slugs(found) == ["line", "112"]
    assert [hit.mark for hit in found.rows] == [None, None]
    assert found.alarms == ()


@pytest.mark.parametrize("days", [180, 270])
def test_a_row_just_too_old_comes_after_the_emergency_number_marked_with_an_alarm(days: int) -> None:
    found = search(URGENT, a_row("line", rung=days))

    assert slugs(found) == ["112", "line"]
    assert found.rows[1].mark is Mark.STALE
    assert found.rows[1].month == (TODAY - timedelta(days=days)).strftime("%Y-%m")
    assert "stale:ro.domestic_violence.line" in found.alarms
    assert "none_checked:domestic_violence:RO" in found.alarms


def test_a_row_more_than_90_days_past_its_limit_is_not_sent_in_open_mode() -> None:
    found = search(URGENT, a_row("line", rung=271))

    assert slugs(found) == ["112"]
    assert "stale:ro.domestic_violence.line" in found.alarms


def test_a_row_never_rung_is_not_sent_in_open_mode_and_the_answer_is_not_empty() -> None:
    found = search(URGENT, a_row("line"))

    assert slugs(found) == ["112"]
    assert found.alarms == ("none_checked:domestic_violence:RO",)


@pytest.mark.parametrize("mode", ["demo", "trial"])
def test_a_sourced_row_is_sent_in_demo_and_trial_marked_as_not_checked(mode: str) -> None:
    found = search(URGENT, a_row("line"), mode=mode)

    assert slugs(found) == ["line", "112"]
    assert [hit.mark for hit in found.rows] == [Mark.UNCHECKED, None]


def test_a_stale_row_is_passed_over_for_a_fresh_one_of_wider_reach_and_told_to_the_operator() -> None:
    near = a_row("near", region="RO-CJ", scope=Scope.LOCAL, rung=200)
    found = search(URGENT, near, a_row("national", rung=10), region="RO-CJ")

    assert slugs(found) == ["national", "112"]
    assert found.alarms == ("stale:ro.domestic_violence.near",)


def test_a_verification_dated_ahead_counts_as_none() -> None:
    assert slugs(search(URGENT, a_row("line", rung=-1))) == ["112"]


@pytest.mark.parametrize("mode", ["demo", "trial", "open"])
def test_low_confidence_is_never_sent_unless_a_person_rang(mode: str) -> None:
    low = a_row("line", confidence=Confidence.LOW)

    assert slugs(search(URGENT, low, mode=mode)) == ["112"]
    assert slugs(search(URGENT, replace(low, verified_on=TODAY), mode=mode)) == ["line", "112"]


@pytest.mark.parametrize("mode", ["demo", "trial", "open"])
def test_a_row_past_its_own_end_is_never_sent(mode: str) -> None:
    ended = a_row("line", rung=1, valid_until=TODAY - timedelta(days=1))

    assert slugs(search(URGENT, ended, mode=mode)) == ["112"]
    assert slugs(search(URGENT, replace(ended, valid_until=TODAY), mode=mode)) == ["line", "112"]


def test_an_emergency_number_of_high_confidence_is_sent_however_long_ago_it_was_rung() -> None:
    found = search(replace(URGENT, verified_on=date(2020, 1, 1)), need="emergency")

    assert found.rows[0].mark is None
    assert found.alarms == ("stale:ro.emergency.112",)


@pytest.mark.parametrize(("days", "mark"), [(89, None), (90, Mark.STALE)])
def test_other_emergency_numbers_are_fresh_for_90_days(days: int, mark: Mark | None) -> None:
    row = replace(URGENT, confidence=Confidence.MEDIUM, verified_on=TODAY - timedelta(days=days))

    assert search(row, need="emergency").rows[0].mark is mark


@pytest.mark.parametrize("facts", [{"confidence": Confidence.MEDIUM}, {"ring_first": True}])
def test_the_only_emergency_number_is_sent_marked_even_where_nobody_rang_it(facts: dict[str, object]) -> None:
    row = a_row("911", Kind.EMERGENCY, service=Service.ALL, **facts)

    for need in ("emergency", "domestic_violence"):
        found = search(row, need=need)
        assert [(hit.resource, hit.mark) for hit in found.rows] == [(row, Mark.UNCHECKED)]
        assert "emergency_unchecked:ro.emergency.911" in found.alarms


def test_need_falls_back_by_kind_and_ends_with_the_emergency_number() -> None:
    victims = a_row("victims", Kind.CRIME_VICTIMS, rung=1)
    women = a_row("women", Kind.GENERAL_WOMEN, rung=1)

    assert slugs(search(URGENT, victims, women)) == ["women", "victims", "112"]
    assert "fall_back" in search(URGENT, women).rows[0].why


def test_a_need_nobody_wrote_a_chain_for_is_answered_like_any_womans() -> None:
    assert slugs(search(URGENT, a_row("women", Kind.GENERAL_WOMEN, rung=1), need="weather")) == [
        "women",
        "112",
    ]


def test_places_fall_back_from_near_to_everywhere() -> None:
    rows = (
        URGENT,
        a_row("all", Kind.ONLINE_ABUSE, country="XX", scope=Scope.GLOBAL, rung=1),
        a_row("national", Kind.ONLINE_ABUSE, rung=1),
        a_row("near", Kind.ONLINE_ABUSE, region="RO-CJ", scope=Scope.LOCAL, rung=1),
    )

    assert slugs(search(*rows, need="online_abuse", region="RO-CJ")) == ["near", "national", "all"]
    assert slugs(search(*rows, need="online_abuse", region="RO")) == ["national", "all", "112"]


def test_a_row_for_part_of_a_country_is_offered_there_only_and_named_as_a_choice() -> None:
    near = a_row("near", region="RO-CJ", scope=Scope.LOCAL, rung=1)

    assert slugs(search(URGENT, near, region="RO")) == ["112"]
    assert slugs(search(URGENT, near, region="RO-B")) == ["112"]
    assert search(URGENT, near, region="RO").parts == ("RO-CJ",)
    assert search(URGENT, near, region="RO-CJ").parts == ()


def test_no_row_crosses_a_border() -> None:
    abroad = a_row("abroad", country="SK", rung=1)

    assert slugs(search(URGENT, abroad)) == ["112"]


def test_without_a_region_the_desks_country_is_shown_and_nothing_is_guessed() -> None:
    rows = (URGENT, a_row("line", rung=1), a_row("lietuva", country="LT", rung=1))

    found = search(*rows, region=None, desk_country="RO", language="lt")

    assert slugs(found) == ["line", "112"]


def test_the_unions_number_stands_in_only_where_the_country_has_none() -> None:
    union = a_row("union", Kind.EMERGENCY, country="EU", scope=Scope.EU, service=Service.ALL, phone="112")

    assert slugs(search(URGENT, union, need="emergency", region="RO")) == ["112"]
    assert slugs(search(URGENT, union, need="emergency", region="LU")) == ["union"]
    assert slugs(search(URGENT, union, need="emergency", region=None)) == ["union"]


def test_a_country_without_any_number_gets_that_of_a_part_of_it_or_else_the_desks_named() -> None:
    part = a_row(
        "lagos", Kind.EMERGENCY, country="NG", region="NG-LA", scope=Scope.LOCAL, service=Service.ALL
    )

    with_part = search(URGENT, part, need="emergency", region="NG", desk_country="RO")
    without = search(URGENT, need="emergency", region="NG", desk_country="RO")

    assert (slugs(with_part), with_part.alarms) == (["lagos"], ("no_emergency:NG",))
    assert "part_of_country" in with_part.rows[0].why
    assert (slugs(without), without.alarms) == (["112"], ("no_emergency:NG",))
    assert without.rows[0].mark is None


def test_a_closed_line_comes_after_open_ones_and_tells_when_it_opens() -> None:
    shut = a_row("shut", rung=1, hours="Mon-Fri 08:00-10:00")
    women = a_row("women", Kind.GENERAL_WOMEN, rung=1)

    found = search(URGENT, shut, women)

    assert slugs(found) == ["women", "112", "shut"]
    assert found.rows[2].open_now is False
    assert found.rows[2].next_opening is not None
    assert found.rows[2].next_opening.isoformat() == "2026-07-02T08:00:00+03:00"


def test_when_every_line_is_closed_the_emergency_number_is_first() -> None:
    assert slugs(search(URGENT, a_row("shut", rung=1, hours="Mon 08:00-10:00"))) == ["112", "shut"]


def test_the_needs_own_line_keeps_a_place_though_it_is_closed_and_three_others_are_open() -> None:
    others = [a_row(f"women{number}", Kind.GENERAL_WOMEN, rung=1) for number in range(3)]
    own = a_row("own", Kind.SEXUAL_VIOLENCE, rung=1, hours="Mon 08:00-10:00")

    found = search(URGENT, own, *others, need="sexual_violence")

    assert slugs(found) == ["women0", "women1", "own"]
    assert [hit.resource.name for hit in found.more] == ["112", "women2"]


def test_unknown_hours_are_neither_open_nor_closed() -> None:
    found = search(URGENT, a_row("unknown", rung=1, hours=""), a_row("open", rung=1))

    assert slugs(found) == ["open", "unknown", "112"]
    assert found.rows[1].open_now is None
    assert "hours_unknown" in found.rows[1].why


def test_three_at_most_are_sent_and_the_rest_is_kept_for_more() -> None:
    found = search(URGENT, *(a_row(f"line{number}", rung=1) for number in range(5)))

    assert slugs(found) == ["line0", "line1", "line2"]
    assert [hit.resource.name for hit in found.more] == ["112", "line3", "line4"]


def test_her_language_breaks_ties_within_a_kind() -> None:
    rows = (a_row("a", rung=1, languages=("fr",)), a_row("b", rung=1, languages=("nl",)))

    assert slugs(search(*rows, language="nl-BE"))[0] == "b"
    assert "language" in search(*rows, language="nl-BE").rows[0].why


def test_second_numbers_and_lines_for_few_take_no_ones_place() -> None:
    main = a_row("main", rung=1)
    second = a_row("second", rung=1, second_to=main.id)
    few = a_row("few", rung=1, only_for="indigenous")

    assert slugs(search(URGENT, few, second, main)) == ["main", "112", "second"]
    assert slugs(search(URGENT, second)) == ["second", "112"]


def test_a_service_that_needs_registration_is_never_first_and_never_the_silent_way() -> None:
    sms = a_row(
        "sms", Kind.EMERGENCY, service=Service.TEXT, phone="", sms="113", needs_registration=True, rung=1
    )

    assert slugs(search(sms, URGENT, need="emergency")) == ["112", "sms"]
    for need in ("silent", "domestic_violence", "medical"):
        assert slugs(search(sms, URGENT, need=need)) == ["112"]
    alone = search(sms, replace(URGENT, confidence=Confidence.MEDIUM), need="emergency")
    assert slugs(alone) == ["112", "sms"]


def test_the_silent_way_is_written_and_marked_as_such() -> None:
    text = a_row("text", Kind.EMERGENCY, service=Service.TEXT, phone="", sms="114")
    chat = a_row("chat", Kind.GENERAL_WOMEN, chat_url="https://chat.example", rung=1)

    found = search(URGENT, text, chat, a_row("voice", rung=1), need="silent")

    assert slugs(found) == ["text", "chat"]
    assert all(hit.silent for hit in found.rows)


def test_in_danger_whoever_answers_for_all_comes_first_and_a_doctor_when_she_is_hurt() -> None:
    doctor = a_row("doctor", Kind.EMERGENCY, service=Service.AMBULANCE)
    police = a_row("police", Kind.EMERGENCY, service=Service.POLICE)

    assert slugs(search(doctor, police, need="emergency")) == ["police", "doctor"]
    assert slugs(search(doctor, police, URGENT, need="medical")) == ["112", "doctor", "police"]


def test_under_18_gets_the_childrens_line_first_and_no_line_for_adults() -> None:
    rows = (
        URGENT,
        a_row("adults", rung=1, groups=frozenset({Group.WOMEN, Group.MEN})),
        a_row("all", rung=1),
        a_row("children", Kind.CHILD, rung=1, groups=frozenset({Group.MINORS})),
    )

    assert slugs(search(*rows, audience=Audience.MINOR)) == ["children", "all", "112"]
    assert slugs(search(*rows)) == ["adults", "all", "112"]


def test_an_adult_worried_about_a_child_gets_the_childrens_line() -> None:
    children = a_row("children", Kind.CHILD, rung=1, groups=frozenset({Group.MINORS}))

    assert slugs(search(URGENT, children, need="child")) == ["children", "112"]


def test_men_get_their_own_line_and_those_for_everybody_but_none_for_women_only() -> None:
    rows = (
        URGENT,
        a_row("women", Kind.GENERAL_WOMEN, rung=1, groups=frozenset({Group.WOMEN})),
        a_row("men", Kind.MEN, rung=1, groups=frozenset({Group.MEN})),
        a_row("all", rung=1),
    )

    assert slugs(search(*rows, audience="man")) == ["men", "all", "112"]
    assert "men" not in slugs(search(*rows))


def test_whoever_worries_about_their_own_behaviour_gets_no_shelter_and_nobody_else_gets_their_line() -> None:
    own = a_row("own", Kind.OWN_BEHAVIOUR, rung=1, groups=frozenset({Group.PERPETRATORS}))
    rows = (URGENT, own, a_row("shelter", Kind.SHELTER, rung=1), a_row("line", rung=1))

    for need in ("shelter", "domestic_violence", "own_behaviour"):
        assert slugs(search(*rows, need=need, audience="own_behaviour")) == ["own", "112"]
        for audience in ("adult", "minor", "man"):
            assert "own" not in slugs(search(*rows, need=need, audience=audience))


def test_lines_for_lgbtiq_people_are_shown_to_whoever_asks_for_them_only() -> None:
    pride = a_row("pride", Kind.LGBTIQ, rung=1, only_for="lgbtiq")
    line = a_row("line", rung=1)

    assert slugs(search(URGENT, pride, line)) == ["line", "112"]
    assert "pride" in slugs(search(URGENT, pride, line, need="lgbtiq"))


def test_an_unknown_mode_or_audience_is_the_callers_mistake() -> None:
    with pytest.raises(ValueError, match="party"):
        search(URGENT, mode="party")
    with pytest.raises(ValueError, match="cat"):
        search(URGENT, audience="cat")


def test_a_row_survives_the_way_to_plain_and_back() -> None:
    row = a_row("line", rung=3, valid_until=TODAY, free=False, region="RO-CJ", service=Service.ALL)

    assert Resource.from_plain(row.to_plain()) == row
