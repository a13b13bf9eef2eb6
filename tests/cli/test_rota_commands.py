"""`hotline rota`: taking in, looking ahead, giving out, and calendar links."""

import json
from pathlib import Path

import pytest

from tests.cli.house import checks, hotline, signed_in
from tests.handoff.rota.calendars import calendar, event

PLAN = """\
zone: Europe/Bucharest
shifts:
  - {id: night, who: Birch, tier: primary, days: [fri], from: '20:00', to: '02:00'}
  - {id: short, who: Birch, tier: primary, days: [sun], from: '03:30', to: '04:30'}
demand:
  - {people: 2, days: [fri], from: '20:00', to: '02:00', languages: {ro: 1}}
"""
NIGHTS = calendar(
    event(
        "DTSTART;TZID=Europe/Bucharest:20990605T200000",
        "DTEND;TZID=Europe/Bucharest:20990606T020000",
        "RRULE:FREQ=WEEKLY",
        "SUMMARY:Anna has the phone",
        "ATTENDEE:mailto:birch@shelter.example",
    )
)


def plan(house: Path, text: str = PLAN) -> None:
    (house / "mine").mkdir(exist_ok=True)
    (house / "mine/rota.yaml").write_text(text, encoding="utf-8")
    told = hotline(house, "rota", "import", "mine/rota.yaml")
    assert told.returncode == 0, told.stderr


def test_gaps_are_told_with_what_is_missing_and_what_is_weakest(house: Path) -> None:
    plan(house)
    told = hotline(house, "rota", "coverage", "--from", "2099-06-01", "--days", "7", "--format", "json")
    assert told.returncode == 1
    (gap,) = json.loads(told.stdout)
    assert (gap["start"], gap["end"]) == ("2099-06-05T17:00:00Z", "2099-06-05T23:00:00Z")
    assert gap["missing"] == [
        {"tier": "primary", "attribute": "", "value": "", "count": 1},
        {"tier": "primary", "attribute": "language", "value": "ro", "count": 1},
    ]
    assert gap["weakest"] == "primary"
    assert "primary language=ro 1" in hotline(house, "rota", "coverage", "--from", "2099-06-01").stdout
    plan(house, PLAN.replace("people: 2, ", "").replace(", languages: {ro: 1}", ""))
    covered = hotline(house, "rota", "coverage", "--from", "2099-06-01")
    assert (covered.returncode, covered.stdout) == (0, "none\n")


def test_a_day_is_told_in_cells(house: Path) -> None:
    plan(house)
    told = hotline(house, "rota", "coverage", "--cells", "--from", "2099-06-05", "--format", "json")
    cells = json.loads(told.stdout)
    assert len(cells) == 48
    assert cells[-1] == {
        "cell": "23:30",
        "required": 2,
        "confirmed": 1,
        "tentative": 0,
        "missing": ["primary 1", "primary language=ro 1"],
        "weakest": "primary",
    }


@pytest.mark.parametrize(
    "words",
    [
        ("coverage", "--from", "soon"),
        ("coverage", "--days", "0"),
        ("clocks", "--days", "9999"),
        ("import", "mine/rota.yaml", "--from", "2099-06-01"),
    ],
)
def test_words_that_do_not_fit_are_wrong_use(house: Path, words: tuple[str, ...]) -> None:
    plan(house)
    assert hotline(house, "rota", *words).returncode == 2


@pytest.mark.parametrize("word", [("coverage",), ("clocks",), ("preview",), ("export", "out"), ("on-duty",)])
def test_a_desk_without_a_rota_is_refused(house: Path, word: tuple[str, ...]) -> None:
    told = hotline(house, "rota", *word, "--desk", "nowhere")
    assert told.returncode == 1
    assert "nowhere" in told.stderr


def test_what_the_clocks_do_is_listed(house: Path) -> None:
    plan(house)
    rows = json.loads(hotline(house, "rota", "clocks", "--format", "json").stdout)
    told = {row["what"] for row in rows}
    assert "lasts 0 h instead of 1 h" in told
    assert any("which comes twice: the first counts" in what for what in told)
    assert hotline(house, "rota", "clocks", "--accept").returncode == 0
    assert checks(house)["audit"]["level"] == "good"


def test_a_calendar_is_put_into_the_rota_without_its_words(house: Path) -> None:
    plan(house, "zone: Europe/Bucharest\nshifts: []\n")
    (house / "nights.ics").write_bytes(NIGHTS.encode())
    assert hotline(house, "rota", "import", "nights.ics", "--tier", "backup").returncode == 0
    told = hotline(house, "rota", "on-duty", "--at", "2099-06-12T21:00:00+03:00")
    assert json.loads(told.stdout) == [
        {
            "volunteer": "birch",
            "tier": "backup",
            "start": "2099-06-12T17:00:00Z",
            "end": "2099-06-12T23:00:00Z",
        }
    ]
    given = hotline(house, "rota", "export", "out")
    assert sorted(Path(line).name for line in given.stdout.splitlines()) == ["nights.ics", "rota.yaml"]
    exported = (house / "out/nights.ics").read_bytes()
    assert b"Anna" not in exported
    assert b"shelter" not in exported
    assert hotline(house, "rota", "import", "out/rota.yaml").returncode == 0
    assert hotline(house, "rota", "on-duty", "--at", "2099-06-12T21:00:00+03:00").stdout == told.stdout


def test_a_hostile_calendar_changes_nothing(house: Path) -> None:
    plan(house)
    before = hotline(house, "rota", "on-duty", "--at", "2099-06-05T21:00:00+03:00").stdout
    for text, part in (
        (NIGHTS.replace("FREQ=WEEKLY", "FREQ=SECONDLY"), "recurs more than"),
        (NIGHTS.replace("Europe/Bucharest:20990605", "Nowhere/At_All:20990605"), "no zone of"),
        ("hello", "not written NAME:value"),
    ):
        (house / "bad.ics").write_text(text, encoding="utf-8")
        told = hotline(house, "rota", "import", "bad.ics")
        assert told.returncode == 1
        assert part in told.stderr
        assert "bad.ics:" in told.stderr
    assert hotline(house, "rota", "on-duty", "--at", "2099-06-05T21:00:00+03:00").stdout == before


def test_a_preview_tells_who_is_concerned_and_changes_nothing(house: Path) -> None:
    plan(house)
    (house / "mine/rota.yaml").write_text(PLAN.replace("Birch", "Cedar", 1), encoding="utf-8")
    told = hotline(house, "rota", "preview", "mine/rota.yaml", "--format", "json")
    assert told.returncode == 0, told.stderr
    rows = json.loads(told.stdout)
    assert {(row["volunteer"], row["change"]) for row in rows} == {("Birch", "removed"), ("Cedar", "added")}
    assert "6 h" in rows[0]["before"]
    duty = hotline(house, "rota", "on-duty", "--at", "2099-06-05T21:00:00+03:00")
    assert [each["volunteer"] for each in json.loads(duty.stdout)] == ["Birch"]
    (house / "mine/rota.yaml").write_text("zone: Nowhere\nshifts: []\n", encoding="utf-8")
    assert hotline(house, "rota", "preview", "mine/rota.yaml").returncode == 1


def test_who_cannot_answer_is_neither_on_duty_nor_counted_and_is_named_beside_it(house: Path) -> None:
    needed = "zone: Europe/Bucharest\nshifts:\n" + "".join(
        f"  - {{who: {who}, tier: primary, days: [fri], from: '20:00', to: '02:00'}}\n"
        for who in ("Birch", "Cedar", "Nobody Known")
    )
    demand = "demand:\n  - {people: 2, days: [fri], from: '20:00', to: '02:00'}\n"
    for who in ("Birch", "Cedar"):
        assert hotline(house, "people", "invite", who).returncode == 0
    plan(house, needed + demand)
    night, week = ("on-duty", "--at", "2099-06-05T21:00:00+03:00"), ("coverage", "--from", "2099-06-01")
    prepared = hotline(house, "rota", *night)  # nobody has signed in: the rota is still being written
    assert (len(json.loads(prepared.stdout)), prepared.stderr) == (3, "")
    assert hotline(house, "rota", *week, "--days", "7").returncode == 0
    signed_in(house)
    told = hotline(house, "rota", *night)
    assert [each["volunteer"] for each in json.loads(told.stdout)] == ["Birch", "Cedar"]
    assert told.stderr.endswith("to the end): Nobody Known.\n")
    assert hotline(house, "rota", *week, "--days", "7").returncode == 0
    assert hotline(house, "people", "suspend", "Cedar").returncode == 0
    told = hotline(house, "rota", *night)
    assert [each["volunteer"] for each in json.loads(told.stdout)] == ["Birch"]
    assert told.stderr.endswith(": Cedar, Nobody Known.\n")
    short = hotline(house, "rota", *week, "--days", "7", "--format", "json")
    assert short.returncode == 1
    (gap,) = json.loads(short.stdout)
    assert (gap["start"], gap["end"], gap["missing"][0]["count"]) == (
        "2099-06-05T17:00:00Z",
        "2099-06-05T23:00:00Z",
        1,
    )
    assert short.stderr.endswith(": Cedar, Nobody Known.\n")


def test_coverage_foresees_training_that_lapses_before_a_shift_ends(house: Path) -> None:
    training = house / "config/network/training.yaml"
    needs = "required: {tiers: {primary: [suicide]}}"
    training.write_text(training.read_text("utf-8").replace("required: {}", needs), encoding="utf-8")
    for alias, role in (("Fern", "trainer"), ("Birch", "volunteer")):
        assert hotline(house, "people", "invite", alias, "--role", role).returncode == 0
    signed_in(house)
    words = ("people", "train", "Birch", "suicide", "--passed", "2026-11-07", "--as", "Fern")
    assert hotline(house, *words).returncode == 0  # until 7 November 2027, which is a Sunday
    plan(
        house,
        "zone: Europe/Bucharest\nshifts:\n"
        "  - {who: Birch, tier: primary, days: [fri, sat], from: '20:00', to: '02:00'}\n"
        "demand:\n  - {days: [fri, sat], from: '20:00', to: '02:00'}\n",
    )
    told = hotline(house, "rota", "coverage", "--from", "2027-11-05", "--days", "3", "--format", "json")
    (gap,) = json.loads(told.stdout)  # the night to Saturday holds, the night to Sunday does not
    assert (gap["start"], gap["end"]) == ("2027-11-06T18:00:00Z", "2027-11-07T00:00:00Z")
    assert told.stderr.endswith(": Birch.\n")
    duty = [
        hotline(house, "rota", "on-duty", "--at", f"2027-11-{day}T21:00:00+02:00") for day in ("05", "06")
    ]
    assert [len(json.loads(one.stdout)) for one in duty] == [1, 0]


def test_once_somebody_could_answer_a_new_rota_holds_from_now_on(house: Path) -> None:
    for who in ("Birch", "Cedar"):
        assert hotline(house, "people", "invite", who).returncode == 0
    plan(house)
    signed_in(house)
    plan(house, PLAN.replace("Birch", "Cedar"))
    past = hotline(house, "rota", "on-duty", "--at", "2026-11-06T21:00:00+02:00")
    later = hotline(house, "rota", "on-duty", "--at", "2099-06-05T21:00:00+03:00")
    assert [each["volunteer"] for each in json.loads(past.stdout)] == ["Birch"]
    assert [each["volunteer"] for each in json.loads(later.stdout)] == ["Cedar"]
    early = hotline(house, "rota", "import", "mine/rota.yaml", "--from", "2026-01-01T00:00:00Z")
    assert early.returncode == 1
    assert "cannot be planned any more" in early.stderr


def test_a_calendar_link_is_printed_once_and_revoked(house: Path) -> None:
    assert hotline(house, "people", "invite", "Birch").returncode == 0
    refused = hotline(house, "rota", "feed", "Birch")
    assert refused.returncode == 1
    assert "has not signed in" in refused.stderr
    signed_in(house)
    link = hotline(house, "rota", "feed", "Birch")
    assert link.returncode == 0, link.stderr
    assert link.stdout.startswith("http://127.0.0.1:0/c/")
    assert link.stdout.endswith(".ics\n")
    everybody = hotline(house, "rota", "feed", "Birch", "--everybody")
    assert everybody.returncode == 1
    assert "shared_feed: true" in everybody.stderr
    assert (
        hotline(house, "rota", "feed", "Birch", "--revoke").stdout
        == "1 calendar links of Birch are revoked.\n"
    )
    assert hotline(house, "rota", "feed", "Nobody").returncode == 1
    assert checks(house)["audit"]["level"] == "good"


def test_a_file_with_a_calendar_that_differs_is_told_by_doctor(house: Path) -> None:
    desk = house / "config/desks/demo"
    (desk / "nights.ics").write_bytes(NIGHTS.encode())
    with (desk / "rota.yaml").open("a", encoding="utf-8") as file:
        file.write("calendars:\n  - {file: nights.ics, tier: primary}\n")
    assert "differs from what was imported" in json.dumps(checks(house)["rota"])
    assert hotline(house, "rota", "import").returncode == 0
    assert "differs" not in json.dumps(checks(house)["rota"])
