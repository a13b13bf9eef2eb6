"""The first start and the check-up: what is made, what is refused, and what each fault is told with."""

import json
import shutil
import sqlite3
import stat
from pathlib import Path

from tests.cli.house import changed_script, checks, environ_of, hotline, signed_in


# --- init -------------------------------------------------------------------------------------------------
def test_init_makes_everything_for_its_owner_only_and_says_where(empty: Path) -> None:
    told = hotline(empty, "init", "--non-interactive")
    assert told.returncode == 0, told.stderr
    for file in ("data", "data/keys", "data/keys/key-ring", "data/master-key", "data/hotline.db"):
        assert str(empty / file) in told.stdout or file == "data/keys/key-ring"
        assert stat.S_IMODE((empty / file).stat().st_mode) & 0o077 == 0
    assert hotline(empty, "doctor").returncode == 0


def test_init_invites_the_first_people_by_alias(empty: Path) -> None:
    told = hotline(empty, "init", typed="Rowan\n\nAlder\nalder\n\n\n")
    assert told.returncode == 0, told.stderr
    assert "Rowan (coordinator): http://127.0.0.1:0/enter/" in told.stdout
    assert "This alias is taken" in told.stdout
    people = json.loads(hotline(empty, "people", "list", "--format", "json").stdout)
    assert [(one["alias"], one["roles"]) for one in people] == [
        ("Alder", ["supervisor@demo"]),
        ("Rowan", ["coordinator@demo"]),
    ]


def test_init_overwrites_nothing(house: Path) -> None:
    ring = (house / "data/keys/key-ring").read_bytes()
    told = hotline(house, "init", "--non-interactive")
    assert told.returncode == 1
    assert "key ring" in told.stderr
    assert (house / "data/keys/key-ring").read_bytes() == ring


def test_init_on_a_lost_ring_does_not_make_a_new_one(house: Path) -> None:
    shutil.rmtree(house / "data/keys")
    told = hotline(house, "init", "--non-interactive")
    assert told.returncode == 1
    assert "begin anew with an empty one" in told.stderr
    assert not (house / "data/keys").exists()


def test_init_uses_a_master_key_that_is_there(empty: Path, house: Path) -> None:
    shutil.copy(house / "data/master-key", empty / "key")
    environ = environ_of(empty, HOTLINE_MASTER_KEY_FILE="key")
    assert hotline(empty, "init", "--non-interactive", environ=environ).returncode == 0
    assert (empty / "key").read_bytes() == (house / "data/master-key").read_bytes()
    assert hotline(empty, "keys", "status", environ=environ).returncode == 0


def test_init_with_a_passphrase_makes_no_master_key(empty: Path) -> None:
    (empty / "words").write_text("river candle north button paper seven\n")
    environ = environ_of(empty, HOTLINE_PASSPHRASE_FILE="words")
    assert hotline(empty, "init", "--non-interactive", environ=environ).returncode == 0
    assert not (empty / "data/master-key").exists()
    assert "a passphrase" in hotline(empty, "keys", "status", environ=environ).stdout


def test_everything_works_on_postgresql_too(empty: Path, fresh_postgres: str) -> None:
    (empty / "url").write_text(fresh_postgres)
    environ = environ_of(empty, HOTLINE_DATABASE_URL_FILE="url")
    assert hotline(empty, "init", typed="Rowan\n\n\n\n", environ=environ).returncode == 0
    assert hotline(empty, "doctor", environ=environ).returncode == 0
    assert hotline(empty, "scripts", "publish", environ=environ).returncode == 0
    assert hotline(empty, "keys", "rotate", environ=environ).returncode == 0
    assert not (empty / "data/hotline.db").exists()
    assert hotline(empty, "destroy-now", "--yes", environ=environ).returncode == 0
    told = hotline(empty, "doctor", environ=environ)
    assert "the database is empty" in told.stdout
    assert hotline(empty, "init", "--non-interactive", environ=environ).returncode == 0


def test_a_database_server_that_is_away_is_told_without_its_password(house: Path) -> None:
    away = "postgresql+psycopg://hotline:sesame@127.0.0.1:1/hotline"
    environ = environ_of(house, HOTLINE_DATABASE_URL=away)
    for words in (("people", "list"), ("run",), ("doctor",)):
        told = hotline(house, *words, environ=environ)
        assert told.returncode == 1
        assert "sesame" not in told.stdout + told.stderr
        assert "HOTLINE_DATABASE_URL" in told.stdout + told.stderr, words


def test_init_that_failed_can_be_tried_again(empty: Path) -> None:
    changed_script(empty, "start: ", "start: nowhere_")
    told = hotline(empty, "init", "--non-interactive")
    assert told.returncode == 1
    assert "clean.yaml:" in told.stderr
    changed_script(empty, "start: nowhere_", "start: ")
    assert hotline(empty, "init", "--non-interactive").returncode == 0


# --- doctor and the start ---------------------------------------------------------------------------------
def test_a_new_hotline_is_well_and_doctor_says_what_is_risky(house: Path) -> None:
    found = checks(house)
    assert [name for name, one in found.items() if one["level"] == "fault"] == []
    assert found["devices"]["level"] == "warning"
    assert "HOTLINE_KEY_RING" in found["devices"]["cure"]
    assert "next: never" in found["rota"]["found"]  # nobody of the rota was invited


def test_doctor_names_people_of_the_rota_who_cannot_answer(house: Path) -> None:
    told = checks(house)["people"]
    assert told["level"] == "warning"
    assert "3 of 3 people in the rota" in told["found"]
    assert "Alder, Juniper, Maple" in told["found"]
    assert "hotline people invite ALIAS" in told["cure"]
    for alias in ("alder", "Maple"):
        hotline(house, "people", "invite", alias)
    assert "3 of 3" in checks(house)["people"]["found"]  # invited is not yet able to answer
    signed_in(house)
    assert "1 of 3 people in the rota" in checks(house)["people"]["found"]
    hotline(house, "people", "invite", "Juniper")
    signed_in(house)
    found = checks(house)
    assert found["people"]["level"] == found["rota"]["level"] == "good"


def test_doctor_tells_bad_settings(house: Path) -> None:
    assert "HOTLINE_MOOD" in checks(house, HOTLINE_MOOD="good")["settings"]["found"]


def test_doctor_sees_a_folder_others_can_look_into(house: Path) -> None:
    (house / "data").chmod(0o755)
    assert checks(house)["data folder"]["cure"] == f"Run: chmod 700 {house}/data"


def test_doctor_sees_files_that_are_not_what_is_published(house: Path) -> None:
    changed_script(house)
    rota = house / "config/desks/demo/rota.yaml"
    rota.write_text(rota.read_text(encoding="utf-8") + "# anew\n", encoding="utf-8")
    found = checks(house)
    assert "never served" in found["script"]["found"]
    assert "never served" in found["rota"]["found"]


def test_doctor_for_the_opening_asks_for_what_open_needs(house: Path) -> None:
    found = checks(house, "--opening")
    for name in ("rescue policy", "numbers", "signatures", "organisation", "languages"):
        assert found[name]["level"] == "fault", name
    assert (
        checks(house, "--opening", HOTLINE_RESCUE_POLICY="consent-only")["rescue policy"]["level"] == "good"
    )


def test_open_does_not_start_while_something_is_missing(house: Path) -> None:
    told = hotline(house, "run", environ=environ_of(house, HOTLINE_MODE="open"))
    assert told.returncode == 1
    assert "doctor --opening" in told.stderr


def both_refuse(house: Path, check: str, word: str) -> None:
    """`doctor` tells it as a fault, and `run` does not start and says the same."""
    found = checks(house)
    assert found[check]["level"] == "fault"
    assert word in found[check]["found"] + found[check]["cure"]
    told = hotline(house, "run")
    assert told.returncode == 1
    assert word in told.stderr
    assert "Traceback" not in told.stderr


def test_a_wrong_master_key_is_told(house: Path, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    shutil.copytree(house / "config", tmp_path / "other/config")
    hotline(tmp_path / "other", "init", "--non-interactive")
    shutil.copy(tmp_path / "other/data/master-key", house / "data/master-key")
    both_refuse(house, "keys", "master key")


def test_a_master_key_others_can_read_is_told(house: Path) -> None:
    (house / "data/master-key").chmod(0o644)
    both_refuse(house, "keys", "chmod 600")


def test_a_lost_ring_is_told_with_what_it_means(house: Path) -> None:
    (house / "data/keys/key-ring").unlink()
    both_refuse(house, "keys", "begin anew: `hotline init` with an empty data folder")


def test_a_torn_ring_is_told(house: Path) -> None:
    ring = house / "data/keys/key-ring"
    ring.write_bytes(ring.read_bytes()[:-7])
    both_refuse(house, "keys", "damaged")


def test_a_newer_database_is_refused_and_left_as_it_is(house: Path) -> None:
    database = sqlite3.connect(house / "data/hotline.db")
    with database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")
    database.close()
    both_refuse(house, "database", "newer")
    assert hotline(house, "people", "list").returncode == 1
    database = sqlite3.connect(house / "data/hotline.db")
    assert database.execute("SELECT version_num FROM alembic_version").fetchone() == ("9999",)
    database.close()


def test_a_lost_database_is_not_replaced_by_an_empty_one(house: Path) -> None:
    (house / "data/hotline.db").unlink()
    assert checks(house)["database"]["level"] == "fault"
    for words in (("people", "list"), ("run",)):
        told = hotline(house, *words)
        assert told.returncode == 1
        assert "There is no database" in told.stderr
    assert not (house / "data/hotline.db").exists()


def test_a_database_changed_by_hand_is_seen(house: Path) -> None:
    database = sqlite3.connect(house / "data/hotline.db")
    with database:
        database.execute("UPDATE audit SET at = at + 1")
    database.close()
    assert checks(house)["audit"]["level"] == "fault"


def test_where_nothing_was_begun_commands_say_so(empty: Path) -> None:
    for words in (("run",), ("people", "list"), ("keys", "rotate")):
        told = hotline(empty, *words)
        assert told.returncode == 1
        assert "hotline init" in told.stderr
    assert not (empty / "data").exists()


def test_a_page_title_that_gives_the_matter_away_is_a_fault(house: Path) -> None:
    assert checks(house)["page title"] == {
        "check": "page title",
        "level": "good",
        "found": "Notes",
        "cure": "",
    }
    for loud in ("Domestic violence help", "The hotline", "Ajutor pentru violență"):
        told = checks(house, HOTLINE_PAGE_TITLE=loud)["page title"]
        assert told["level"] == "fault"
        assert "everyday name" in told["cure"]
