"""What ships: its traps, its gaps, and that every search of it has an answer."""

from collections import Counter
from datetime import UTC, datetime
from typing import Any

import pytest
from ruamel.yaml import YAML

from bot.services.resources import ResourceFiles, country_file, names, shipped, to_ring_file
from triage.directory import Confidence, Directory, Found, Group, Kind, Mark, Resource, find
from triage.directory_lines import LONGEST, NEUTRAL, WORDS, lines
from triage.directory_lint import digits
from triage.directory_needs import NEEDS
from triage.directory_places import MEMBERS
from triage.issue import Severity
from triage.lint.matching import find as find_words, fold

NIGHT = datetime(2026, 7, 1, 23, 30, tzinfo=UTC)
AFTERNOON = datetime(2026, 7, 1, 13, 0, tzinfo=UTC)
MODES = ("demo", "trial", "open")
LANGUAGES = ("en", "ro")


def texts_in(language: str) -> dict[str, str]:
    """The guide's own words as they ship."""
    file = shipped() / ".." / "scripts" / f"default.{language}.yaml"
    return YAML(typ="safe", pure=True).load(file.read_text(encoding="utf-8"))


TEXTS = {language: texts_in(language) for language in LANGUAGES}


@pytest.fixture(scope="module")
def directory(shipped_files: ResourceFiles) -> Directory:
    return Directory.of(shipped_files.resources)


def search(directory: Directory, region: str | None, need: str, **asked: Any) -> Found:
    question = {"language": "en", "now": NIGHT, "mode": "trial", "desk_country": "RO"} | asked
    return find(directory, region=region, need=need, **question)


def numbers(found: Found) -> list[str]:
    return [digits(hit.resource.phone) or f"sms {hit.resource.sms}" for hit in (*found.rows, *found.more)]


def everywhere(directory: Directory) -> list[str | None]:
    parts = [part for country in directory.regions for part in directory.parts(country)]
    return [None, *directory.regions, *parts]


def test_the_files_have_no_errors(shipped_files: ResourceFiles) -> None:
    assert [str(issue) for issue in shipped_files.issues if issue.severity is Severity.ERROR] == []


def test_as_many_rows_ship_as_were_collected(shipped_files: ResourceFiles) -> None:
    assert Counter(row.confidence for row in shipped_files.resources) == {
        Confidence.HIGH: 269,  # with the Union's 112
        Confidence.MEDIUM: 95,
    }
    assert len(shipped_files.to_ring) == 26


def test_each_file_is_what_export_would_write(shipped_files: ResourceFiles) -> None:
    for country, rows in Directory.of(shipped_files.resources).by_country.items():
        file = shipped() / f"{country}.yaml"
        text = file.read_text(encoding="utf-8")
        zone = YAML(typ="safe", pure=True).load(text).get("zone", "")
        assert country_file(country, zone, rows) == text
    listed = to_ring_file(row.resource for row in shipped_files.to_ring)
    assert listed == (shipped() / "to-ring.yaml").read_text(encoding="utf-8")


def test_nobody_is_said_to_have_rung(shipped_files: ResourceFiles) -> None:
    assert {row.verified_on for row in shipped_files.resources} == {None}
    assert "verified" not in (shipped() / "RO.yaml").read_text(encoding="utf-8")


def test_every_row_says_where_it_comes_from_in_which_words(shipped_files: ResourceFiles) -> None:
    for row in shipped_files.resources:
        assert all(source.where and source.quote for source in row.sources), row.id


@pytest.mark.parametrize(
    ("country", "number"),
    [
        ("CZ", "251511313"),
        ("CZ", "284016666"),
        ("DK", "70203082"),
        ("BR", "141"),
        ("DE", "08000116016"),
        ("PL", "801120002"),
        ("GB", "08009171414"),
        ("IE", "1850609090"),
        ("RS", "0800309309"),
        ("NG", "0800333333"),
        ("US", "2023041200"),
        ("TR", "147"),
    ],
)
def test_retired_and_mistaken_numbers_are_absent_and_refused(
    shipped_files: ResourceFiles, country: str, number: str
) -> None:
    rows = (*shipped_files.rows, *shipped_files.to_ring)
    listed = [
        digits(way)
        for row in rows
        if row.resource.country == country
        for way in (row.resource.phone, row.resource.sms, row.resource.whatsapp)
    ]
    assert not [each for each in listed if each == number or (len(number) > 6 and each.endswith(number))]
    assert number in [digits(each) for each in shipped_files.retired[country]]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("audience", ["adult", "minor", "man", "own_behaviour"])
def test_the_answer_is_never_empty_and_never_crosses_a_border(
    directory: Directory, mode: str, audience: str
) -> None:
    for region in everywhere(directory):
        for need in (*NEEDS, "something else"):
            found = search(directory, region, need, mode=mode, audience=audience)
            assert 1 <= len(found.rows) <= 3
            country = (region or "RO")[:2]
            for hit in (*found.rows, *found.more):
                assert hit.resource.country in (country, "EU", "XX"), (region, need)
                assert hit.resource.confidence is not Confidence.LOW
                assert hit.resource.kind is not Kind.OWN_BEHAVIOUR or audience == "own_behaviour"
                assert hit.mark is Mark.UNCHECKED or hit.resource.kind is Kind.EMERGENCY
                if mode == "open" and hit.mark is Mark.UNCHECKED:
                    assert f"emergency_unchecked:{hit.resource.id}" in found.alarms


def test_no_open_line_stands_behind_a_closed_one(directory: Directory) -> None:
    for region in everywhere(directory):
        for need in NEEDS:
            rows = search(directory, region, need).rows
            closed = [place for place, hit in enumerate(rows) if hit.open_now is False]
            opened = [place for place, hit in enumerate(rows) if hit.open_now]
            assert not closed or not opened or max(opened) < min(closed), (region, need)


def test_equal_digits_in_another_country_are_another_service(directory: Directory) -> None:
    assert "0800500333" in numbers(search(directory, "RO", "domestic_violence"))
    assert "0800500333" not in numbers(search(directory, "SK", "domestic_violence"))
    assert "116123" in numbers(search(directory, "UA", "domestic_violence"))
    assert "116123" not in numbers(search(directory, "UA", "suicide_crisis"))
    assert "116123" in numbers(search(directory, "LT", "suicide_crisis"))
    assert "116117" in numbers(search(directory, "AL", "general_women"))
    for country in ("DE", "NO", "AT"):
        assert all("116117" not in numbers(search(directory, country, need)) for need in NEEDS)


def test_113_is_an_ambulance_in_norway_a_suicide_line_in_the_netherlands_and_no_number_in_romania(
    directory: Directory,
) -> None:
    assert "113" in numbers(search(directory, "NO", "medical"))
    assert numbers(search(directory, "NL", "suicide_crisis"))[0] == "113"
    for need in NEEDS:
        assert "113" not in numbers(search(directory, "RO", need))


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(("country", "text"), [("RO", "sms 113"), ("NO", "sms 112"), ("GB", "sms 999")])
def test_a_text_service_that_needs_registration_is_never_first_nor_the_silent_way(
    directory: Directory, mode: str, country: str, text: str
) -> None:
    for need in NEEDS:
        told = numbers(search(directory, country, need, mode=mode))
        assert told[0] != text
        assert need == "emergency" or text not in told


def test_text_services_without_registration_are_the_silent_way(directory: Directory) -> None:
    assert numbers(search(directory, "FR", "silent"))[0] == "sms 114"
    assert search(directory, "IS", "silent").rows[0].resource.chat_url == "https://www.112.is"


@pytest.mark.parametrize(
    ("part", "need", "number"),
    [
        ("MX-MEX", "domestic_violence", "8001084053"),
        ("MX-CMX", "domestic_violence", "*765"),
        ("MX-NLE", "general_women", "070"),
        ("CO-DC", "general_women", "018000112137"),
        ("CO-DC", "suicide_crisis", "106"),
        ("NG-LA", "domestic_violence", "08000333333"),
        ("NG-LA", "emergency", "112"),
        ("PK-PB", "general_women", "1043"),
        ("PK-SD", "general_women", "1094"),
        ("CH-ZH", "domestic_violence", "41444552142"),
        ("GB-ENG", "domestic_violence", "08082000247"),
        ("BA-SRP", "domestic_violence", "1264"),
        ("CA-AB", "domestic_violence", "4033101818"),
    ],
)
def test_a_line_for_part_of_a_country_is_never_offered_as_national(
    directory: Directory, part: str, need: str, number: str
) -> None:
    country = part[:2]
    assert number in numbers(search(directory, part, need))
    assert part in search(directory, country, need).parts or need == "emergency"
    for region in (country, f"{country}-ELSEWHERE"):
        rows = [hit for hit in search(directory, region, need).rows if digits(hit.resource.phone) == number]
        # Lagos alone is better than nothing in an emergency, and says that it is Lagos.
        assert all("part_of_country" in hit.why for hit in rows)
        assert not rows or need == "emergency"


def test_images_lead_adults_to_stopncii_and_minors_to_take_it_down(directory: Directory) -> None:
    for region in everywhere(directory):
        adult = search(directory, region, "online_abuse")
        minor = search(directory, region, "online_abuse", audience="minor")
        adult_ids = {hit.resource.id for hit in (*adult.rows, *adult.more)}
        minor_ids = {hit.resource.id for hit in (*minor.rows, *minor.more)}
        assert "xx.online_abuse.stopncii" in adult_ids - minor_ids
        assert "xx.online_abuse.take-it-down" in minor_ids - adult_ids


def test_minors_get_a_childrens_line_first_wherever_there_is_one(directory: Directory) -> None:
    for country in directory.regions:
        rows = directory.by_country[country]
        lines_for_children = [
            row
            for row in rows
            if row.kind is Kind.CHILD and not row.region and not row.only_for and Group.MINORS in row.groups
        ]
        first = search(directory, country, "domestic_violence", audience="minor", now=AFTERNOON).rows[0]
        assert not lines_for_children or first.resource.kind is Kind.CHILD, country


def test_reporting_lines_do_not_stand_where_a_child_looks_for_someone_to_talk_to(
    directory: Directory,
) -> None:
    rows = search(directory, "RO", "child", audience="minor").rows

    assert [hit.resource.phone for hit in rows] == ["116111", "112", "119"]


def test_the_british_101_is_no_emergency_number_and_says_so(directory: Directory) -> None:
    assert "101" not in numbers(search(directory, "GB-NIR", "emergency"))
    hit = next(hit for hit in search(directory, "GB-NIR", "legal").rows if hit.resource.phone == "101")
    assert "Not for danger right now." in lines(hit, "en", TEXTS["en"].__getitem__, names("en"))


def test_a_line_for_people_who_may_use_violence_is_shown_to_them_only(directory: Directory) -> None:
    assert "37122045225" in numbers(search(directory, "LV", "own_behaviour", audience="own_behaviour"))
    assert "37122045225" not in numbers(search(directory, "LV", "men", audience="man"))


@pytest.mark.parametrize("country", sorted(MEMBERS))
def test_every_state_of_the_union_answers_an_emergency_with_its_own_or_the_unions_112(
    directory: Directory, country: str
) -> None:
    told = search(directory, country, "emergency", mode="open")

    assert "112" in numbers(told)
    assert told.rows[0].mark is None


def test_without_a_region_the_desks_country_is_named(directory: Directory) -> None:
    hit = search(directory, None, "emergency", desk_country="RO", mode="open").rows[0]

    assert lines(hit, "ro", TEXTS["ro"].__getitem__, names("ro")).startswith("112 · România\n")


def test_emergency_numbers_that_need_an_eye_first_are_sent_marked(directory: Directory) -> None:
    for country in ("AM", "AU"):
        found = search(directory, country, "emergency", mode="open")
        assert found.rows[0].mark is Mark.UNCHECKED
        assert found.alarms


def test_the_serbian_trial_of_2024_is_over(directory: Directory) -> None:
    assert all("0800300339" not in numbers(search(directory, "RS", need)) for need in NEEDS)


def test_chiles_1455_is_no_longer_told_as_day_and_night(directory: Directory) -> None:
    noon = datetime(2026, 7, 1, 4, 30, tzinfo=UTC)  # half past midnight in Santiago

    found = search(directory, "CL", "general_women", now=noon)

    assert [hit.open_now for hit in found.rows if hit.resource.phone == "1455"] == [False]
    assert found.rows[0].resource.kind is Kind.EMERGENCY


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_guide_has_every_word_a_resource_is_told_with(language: str) -> None:
    assert TEXTS[language].keys() >= WORDS


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_row_fits_a_message_names_its_country_and_hides_its_name_from_a_locked_screen(
    directory: Directory, language: str
) -> None:
    listed = YAML(typ="safe", pure=True).load(
        (shipped() / ".." / "words" / f"lists.{language}.yaml").read_text(encoding="utf-8")
    )
    sensitive = tuple(listed["sensitive"])
    named = names(language)
    for hit in _every_hit(directory):
        text = lines(hit, language, TEXTS[language].__getitem__, named)
        first = text.split("\n")[0]
        assert len(text) <= LONGEST, text
        assert named[hit.resource.country] in first
        assert find_words(sensitive, fold(text[:NEUTRAL])) is None, text


def _every_hit(directory: Directory) -> list[Any]:
    found = [
        search(directory, row.region or row.country, str(row.kind), audience=audience, now=now, mode=mode)
        for row in directory.resources
        for audience in ("adult", "minor", "own_behaviour")
        for now in (NIGHT, datetime(2026, 7, 5, 3, tzinfo=UTC))
        for mode in ("trial", "open")
    ]
    return list(
        {
            (hit.resource.id, hit.mark, hit.open_now): hit
            for each in found
            for hit in (*each.rows, *each.more)
        }.values()
    )


def test_every_place_and_language_has_a_name(shipped_files: ResourceFiles) -> None:
    for language in LANGUAGES:
        named = names(language)
        for row in shipped_files.resources:
            assert row.country == "EU" or named[row.country]
            assert not row.region or named[row.region]
            assert all(f"language.{tag}" in named for tag in row.languages)
    assert names("en").keys() == names("ro").keys()
    assert names("lt") == names("en")


def test_no_row_can_hold_a_street_address() -> None:
    assert not [key for key in Resource.__slots__ if "address" in key or "street" in key]
