"""What commands do on a hotline that is there: scripts, resources, people, rota, signals, keys."""

import json
from pathlib import Path

import pytest

from tests.cli.house import changed_script, checks, environ_of, hotline, signed_in


# --- words ------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "words",
    [
        (), ("demo",), ("run",), ("init",), ("doctor",), ("simulate",), ("scripts",), ("scripts", "publish"),
        ("signals",), ("resources", "verify"), ("people", "invite"), ("rota", "on-duty"), ("erase",),
        ("channels", "profile"), ("keys", "rotate"), ("destroy-now",),
    ],
)  # fmt: skip
def test_every_word_has_help(words: tuple[str, ...], tmp_path: Path) -> None:
    told = hotline(tmp_path, *words, "--help")
    assert told.returncode == 0
    assert f"usage: hotline{''.join(f' {word}' for word in words)}" in told.stdout


@pytest.mark.parametrize("words", [(), ("dance",), ("scripts",), ("erase",), ("people", "invite")])
def test_wrong_words_are_told_with_exit_2(words: tuple[str, ...], tmp_path: Path) -> None:
    told = hotline(tmp_path, *words)
    assert told.returncode == 2
    assert "usage: hotline" in told.stderr


def test_bad_settings_stop_every_command_and_are_all_told(house: Path) -> None:
    environ = environ_of(house, HOTLINE_MOOD="good", HOTLINE_CONSOLE_BIND="nowhere")
    for words in (("run",), ("keys", "status"), ("signals",)):
        told = hotline(house, *words, environ=environ)
        assert told.returncode == 1
        assert "HOTLINE_MOOD" in told.stderr
        assert "HOTLINE_CONSOLE_BIND" in told.stderr
        assert "Traceback" not in told.stderr


# --- scripts ----------------------------------------------------------------------------------------------
def test_a_script_is_published_listed_taken_back_and_exported(house: Path) -> None:
    file = changed_script(house)
    told = hotline(house, "scripts", "publish", str(file))
    assert "Revision 2 is published" in told.stdout, told.stderr
    back = hotline(house, "scripts", "rollback", "--harmful")
    assert "Revision 1 is live again; 2 is recalled" in back.stdout
    listed = json.loads(hotline(house, "scripts", "revisions", "--format", "json").stdout)
    assert [(one["revision"], one["state"]) for one in listed] == [(1, "published"), (2, "recalled")]
    assert hotline(house, "scripts", "export", "out", "--revision", "2").returncode == 0
    assert (house / "out/clean.yaml").read_text(encoding="utf-8") == file.read_text(encoding="utf-8")
    assert hotline(house, "scripts", "export", "out").returncode == 1


def test_a_script_with_an_error_is_told_by_line_and_not_published(house: Path) -> None:
    changed_script(house, "start: ", "start: nowhere_")
    linted = hotline(house, "scripts", "lint")
    assert linted.returncode == 1
    assert linted.stdout.startswith("clean.yaml:")
    told = hotline(house, "scripts", "publish")
    assert told.returncode == 1
    assert told.stderr.startswith("hotline: clean.yaml:")
    listed = json.loads(hotline(house, "scripts", "revisions", "--format", "json").stdout)
    assert [one["state"] for one in listed] == ["published"]


def test_lint_takes_a_file_a_folder_or_a_configuration(house: Path, tmp_path: Path) -> None:
    for path in ("config", "config/scripts", "config/scripts/clean.yaml"):
        told = hotline(house, "scripts", "lint", path, "--format", "json")
        assert told.returncode == 0, told.stdout
        assert json.loads(told.stdout) == []
    assert hotline(house, "scripts", "lint", "config/scripts/none.yaml").returncode == 1
    assert hotline(house, "scripts", "lint", str(tmp_path / "nowhere")).returncode == 1


# --- resources --------------------------------------------------------------------------------------------
def test_resources_are_found_verified_and_withdrawn(house: Path) -> None:
    def ids(*more: str) -> dict[str, str]:
        words = ("resources", "find", "--region", "RO", "--format", "json", *more)
        return {one["id"]: one["mark"] for one in json.loads(hotline(house, *words).stdout)}

    first = next(one for one, mark in ids().items() if mark == "unchecked")
    nobody = hotline(house, "resources", "verify", first, "--as", "Nobody")
    assert nobody.stderr == (
        "hotline: Nobody here is called Nobody; `hotline people list` shows the aliases.\n"
    )
    assert nobody.returncode == 1
    hotline(house, "people", "invite", "Rowan", "--role", "coordinator")
    refused = hotline(house, "resources", "verify", first, "--as", "Rowan")
    assert "may not verify" in refused.stderr
    signed_in(house)
    assert hotline(house, "resources", "verify", first, "--as", "Rowan").returncode == 0
    assert ids()[first] == ""
    assert hotline(house, "resources", "withdraw", first).returncode == 0
    assert first not in ids()
    assert hotline(house, "resources", "withdraw", "no.such").returncode == 1


def test_a_need_nobody_knows_is_refused_with_the_nearest(house: Path) -> None:
    told = hotline(house, "resources", "find", "--need", "domestic_violenc")
    assert (told.returncode, told.stdout) == (2, "")
    assert "Did you mean domestic_violence?" in told.stderr
    assert "There are: emergency, " in hotline(house, "resources", "find", "--need", "x").stderr


def test_resources_that_were_exported_can_be_read_again(house: Path) -> None:
    assert hotline(house, "resources", "export", "out").returncode == 0
    assert hotline(house, "resources", "lint", "out").returncode == 0
    told = hotline(house, "resources", "import", "out")
    assert told.stdout.startswith("0 added, 0 changed"), told.stdout + told.stderr


# --- people -----------------------------------------------------------------------------------------------
def test_people_are_invited_granted_and_shut_out(house: Path) -> None:
    link = hotline(
        house, "people", "invite", "Maple", "--languages", "en,ro", "--skills", "minors", "--max-chats", "2"
    )
    assert link.stdout.startswith("http://127.0.0.1:0/enter/")
    assert hotline(house, "people", "invite", "maple").returncode == 1
    again = hotline(house, "people", "invite", "Maple", "--again")
    assert again.stdout != link.stdout
    assert hotline(house, "people", "grant", "Maple", "supervisor", "--desk", "network").returncode == 0
    assert hotline(house, "people", "grant", "Maple", "volunteer", "--take-back").returncode == 0
    assert hotline(house, "people", "grant", "Maple", "editor", "--desk", "nowhere").returncode == 2
    assert hotline(house, "people", "suspend", "Maple").returncode == 0
    (maple,) = json.loads(hotline(house, "people", "list", "--format", "json").stdout)
    assert maple == {
        "alias": "Maple",
        "state": "suspended",
        "roles": ["supervisor@network"],
        "languages": ["en", "ro"],
        "skills": ["minors"],
        "max_chats": 2,
    }
    for words in (("suspend", "Nobody"), ("grant", "Nobody", "volunteer"), ("invite", "Nobody", "--again")):
        told = hotline(house, "people", *words)
        assert told.returncode == 1
        assert "Nobody here is called Nobody; `hotline people list`" in told.stderr
    assert "called Maple already" in hotline(house, "people", "invite", "Maple").stderr


def test_an_alias_lies_sealed_and_staff_acts_are_audited(house: Path) -> None:
    hotline(house, "people", "invite", "Cassiopeia")
    assert b"Cassiopeia" not in b"".join(file.read_bytes() for file in (house / "data").glob("hotline.db*"))
    assert checks(house)["audit"]["level"] == "good"


# --- rota -------------------------------------------------------------------------------------------------
def test_who_is_on_duty_is_told_as_json(house: Path) -> None:
    told = hotline(house, "rota", "on-duty", "--at", "2026-11-20T21:00:00+02:00")
    duties = json.loads(told.stdout)
    assert {(duty["volunteer"], duty["tier"]) for duty in duties} == {
        ("Maple", "primary"),
        ("Juniper", "primary"),
        ("Alder", "supervisor"),
    }
    assert all(duty["start"] < "2026-11-20T19:00:00Z" < duty["end"] for duty in duties)


@pytest.mark.parametrize("at", ["tomorrow", "2026-11-20T21:00:00"])
def test_a_moment_without_an_offset_is_wrong_use(at: str, house: Path) -> None:
    assert hotline(house, "rota", "on-duty", "--at", at).returncode == 2


def test_a_new_rota_takes_the_place_of_the_old_one_and_a_broken_one_does_not(house: Path) -> None:
    (house / "rota.yaml").write_text(
        "zone: Europe/Bucharest\nshifts:\n"
        "  - {who: Birch, tier: primary, days: [fri], from: '20:00', to: '22:00'}\n"
    )
    assert hotline(house, "rota", "import", "rota.yaml").returncode == 0
    told = hotline(house, "rota", "on-duty", "--at", "2026-11-20T21:00:00+02:00")
    assert json.loads(told.stdout) == [
        {
            "volunteer": "Birch",
            "tier": "primary",
            "start": "2026-11-20T18:00:00Z",
            "end": "2026-11-20T20:00:00Z",
        }
    ]
    (house / "rota.yaml").write_text("zone: Nowhere/At_all\nshifts: []\n")
    broken = hotline(house, "rota", "import", "rota.yaml")
    assert broken.returncode == 1
    assert "rota.yaml:1" in broken.stderr
    again = hotline(house, "rota", "on-duty", "--at", "2026-11-20T21:00:00+02:00")
    assert again.stdout == told.stdout


# --- signals and simulate ---------------------------------------------------------------------------------
def test_signals_are_found_line_by_line_in_order(house: Path) -> None:
    lines = [
        '{"lang": "en", "text": "he said he will kill me"}',
        "not json",
        '{"lang": "xx", "text": "vreau să mor"}',
        '{"lang": "en", "text": "hello"}',
        '{"lang": "en"}',
        "[]",
    ]
    told = hotline(house, "signals", typed="\n".join(lines) + "\n")
    assert told.returncode == 1
    answers = [json.loads(line) for line in told.stdout.splitlines()]
    assert answers[0] == {"signals": ["immediate_danger"]}
    assert "suicide" in answers[2]["signals"]
    assert answers[3] == {"signals": []}
    assert [set(answer) for answer in answers] == [
        {"signals"}, {"error"}, {"signals"}, {"signals"}, {"error"}, {"error"},
    ]  # fmt: skip
    assert "mor" not in told.stderr


def test_signals_without_a_bad_line_end_well(house: Path) -> None:
    assert hotline(house, "signals", typed='{"lang": "en", "text": "hello"}\n').returncode == 0


def test_a_conversation_is_simulated_from_a_file(empty: Path) -> None:
    (empty / "replies").write_text("// she is alone\n#1\n@+10m\nhide\n")
    told = hotline(empty, "simulate", "--replies", "replies", "--language", "ro", "--now", "2026-11-20T21:00")
    assert told.returncode == 0, told.stderr
    lines = told.stdout.splitlines()
    assert [line for line in lines if line[:1] in ">~"] == ["> #1", "~ +10m", "> hide"]
    assert lines[0].startswith("< ")
    assert any(line.startswith("[1] ") for line in lines)
    assert lines[-1] == "* hide_all"
    assert not (empty / "data").exists()


@pytest.mark.parametrize(("rota", "said"), [("none", "* nobody"), ("closed", "* line_closed")])
@pytest.mark.parametrize("language", ["en", "ro"])
def test_the_shipped_script_is_played_with_every_placeholder_filled(
    language: str, rota: str, said: str, tmp_path: Path
) -> None:
    """Four taps to a person, then the answer of an empty or a closed line."""
    words = ("simulate", "--language", language, "--rota", rota, "--now", "2026-11-20T21:00")
    environ = {"PATH": "", "HOTLINE_DATA_DIR": str(tmp_path / "data")}
    told = hotline(tmp_path, *words, typed="#1\n#1\n#2\n#1\nhelp now\n", environ=environ)
    lines = told.stdout.splitlines()
    assert said in lines
    assert [line for line in lines if line.startswith("* missing")] == []
    assert any("112" in line for line in lines if line.startswith("< "))


def test_a_script_is_simulated_by_its_id_or_its_file(house: Path) -> None:
    for named in ("clean", "config/scripts/clean.yaml"):
        assert hotline(house, "simulate", "--script", named, typed="hide\n").returncode == 0, named
    told = hotline(house, "simulate", "--script", "cleen", typed="hide\n")
    assert told.returncode == 1
    assert "The configuration has: clean" in told.stderr


def test_the_published_script_can_be_simulated(house: Path) -> None:
    changed_script(house, "start: ", "start: nowhere_")
    assert hotline(house, "simulate", typed="hide\n").returncode == 1
    assert hotline(house, "simulate", "--script", "published", typed="hide\n").returncode == 0


@pytest.mark.parametrize(
    ("words", "typed", "code"),
    [
        (("--language", "xx"), "", 2),
        (("--zone", "Nowhere"), "", 2),
        (("--now", "later"), "", 2),
        (("--script", "none.yaml"), "", 1),
        ((), "!dance\n", 1),
    ],
)
def test_a_simulation_that_cannot_be_played_says_why(
    words: tuple[str, ...], typed: str, code: int, empty: Path
) -> None:
    told = hotline(empty, "simulate", *words, typed=typed)
    assert told.returncode == code
    assert told.stderr.startswith("hotline: ")


# --- keys ------------------------------------------------------------------------------------------
def test_keys_turn_here_when_no_service_runs(house: Path) -> None:
    def epoch() -> str:
        return str(json.loads(hotline(house, "keys", "status", "--format", "json").stdout)["epoch"])

    before = epoch()
    told = hotline(house, "keys", "rotate")
    assert told.returncode == 0
    assert "1 older epochs are shredded" in told.stdout
    assert epoch() != before
