"""`hotline scripts` as people type it: sign by two, publish, compare, go back; what is refused, and why."""

import json
import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pyotp.totp import TOTP

from bot.model import Role
from bot.services import admitting, people, sign_in
from bot.services.premises import open_premises
from bot.settings import load_settings
from bot.vault import totp
from tests.cli.house import changed_script, checks, environ_of, hotline, program, signed_in

PASSWORD = "four calm words here"
HASH = sign_in.new_password(PASSWORD)
_used: dict[str, int] = {}


def enrolled(house: Path, alias: str, *roles: Role, languages: tuple[str, ...] = ("en",)) -> str:
    """Somebody with password and app; returns the app's secret."""
    secret = totp.new_secret()
    profile = people.Profile(alias, list(languages), password=HASH, totp=secret)
    with open_premises(load_settings(environ_of(house), house)) as premises, premises.write() as connection:
        people.invite(connection, premises.house(), profile, [(role, "network") for role in roles], 0)
    signed_in(house)
    return secret


def typed(secret: str, password: str = PASSWORD, *, code: str = "") -> str:
    """Password and code, as two lines. Each call a later code, as far as two clocks may differ."""
    turn = _used[secret] = _used.get(secret, -1) + 1
    assert turn <= 1, "no more codes are good at this moment"
    at = datetime.now(UTC) + timedelta(seconds=30 * turn)
    return f"{password}\n{code or TOTP(secret).at(at)}\n"


def revisions(house: Path) -> list[dict[str, str]]:
    return json.loads(hotline(house, "scripts", "revisions", "--format", "json").stdout)


def sign(house: Path, number: int, alias: str, said: str, *more: str):
    return hotline(house, "scripts", "sign", str(number), "--as", alias, *more, typed=said)


def test_import_sign_by_two_publish_and_go_back(house: Path) -> None:
    file = changed_script(house)
    edda, reva = enrolled(house, "Edda", Role.EDITOR), enrolled(house, "Reva", Role.REVIEWER)
    told = hotline(house, "scripts", "import", str(file), "--as", "Edda")
    assert told.stdout.startswith("clean: revision 2 (draft), digest "), told.stderr
    digest = told.stdout.split()[-1]
    first = sign(house, 2, "Edda", typed(edda), "--digest", digest)
    assert first.stdout == (
        "Revision 2: not signed / not reviewed: Edda signed, a second person who is a reviewer and did not "
        "write it is missing.\n"
    ), first.stderr
    refused = hotline(
        house, "scripts", "publish", "--revision", "2", environ=environ_of(house, HOTLINE_MODE="open")
    )
    assert refused.returncode == 1
    assert "In the mode `open` two different people sign" in refused.stderr
    second = sign(house, 2, "Reva", typed(reva))
    assert second.stdout == "Revision 2: signed by Edda and Reva (reviewer).\n", second.stderr
    done = hotline(
        house, "scripts", "publish", "--revision", "2", environ=environ_of(house, HOTLINE_MODE="open")
    )
    assert "Revision 2 is published: signed by Edda and Reva (reviewer)." in done.stdout, done.stderr
    rows = revisions(house)
    assert [(row["state"], row["by"]) for row in rows] == [
        ("replaced", "a command"),
        ("published", "Edda"),
    ]
    assert rows[0]["signed"] == "not signed / not reviewed"
    assert checks(house)["signatures"]["level"] == "good"


def test_an_unsigned_text_is_called_so_everywhere(house: Path) -> None:
    told = hotline(house, "scripts", "publish", str(changed_script(house)))
    assert "Revision 2 is published: not signed / not reviewed." in told.stdout
    assert {row["signed"] for row in revisions(house)} == {"not signed / not reviewed"}
    found = checks(house)["signatures"]
    assert (found["level"], found["found"]) == ("warning", "revision 2: not signed / not reviewed")


@pytest.mark.parametrize(
    ("password", "code"), [("wrong words here!", ""), (PASSWORD, "000000"), ("", ""), (PASSWORD, "none")]
)
def test_a_wrong_password_or_code_signs_nothing(house: Path, password: str, code: str) -> None:
    reva = enrolled(house, "Reva", Role.REVIEWER)
    told = sign(house, 1, "Reva", typed(reva, password, code=code))
    assert told.returncode == 1
    assert "Password or code are not right" in told.stderr
    assert revisions(house)[0]["signed"] == "not signed / not reviewed"


def test_what_stands_in_the_way_of_a_signature_is_told(house: Path) -> None:
    reva = enrolled(house, "Reva", Role.REVIEWER)
    maple = enrolled(house, "Maple", Role.VOLUNTEER)
    hotline(house, "people", "invite", "Newcomer", "--role", "reviewer")
    for words, said, told in (
        (("9", "--as", "Reva"), "", "There is no revision 9"),
        (("1", "--as", "Nobody"), "", "Nobody here is called Nobody"),
        (("1", "--as", "Newcomer"), "", "Newcomer cannot sign: that takes a finished first sign-in"),
        (("1", "--as", "Maple"), typed(maple), "Maple may not do this at that desk"),
        (("1", "--as", "Reva", "--digest", "0123456789ab"), "", "it is another text than you read"),
    ):
        refused = hotline(house, "scripts", "sign", *words, typed=said)
        assert refused.returncode == 1, words
        assert told in refused.stderr, refused.stderr
    assert sign(house, 1, "Reva", typed(reva)).returncode == 0
    assert "You have signed revision 1 already" in sign(house, 1, "Reva", typed(reva)).stderr
    assert hotline(house, "scripts", "sign", "1", "--as", "Reva", "--exception").returncode == 2
    assert hotline(house, "scripts", "sign", "1").returncode == 2


def test_a_text_with_errors_is_not_signed(house: Path) -> None:
    reva = enrolled(house, "Reva", Role.REVIEWER)
    hotline(house, "scripts", "import", str(changed_script(house, "start: ", "start: nowhere_")))
    told = sign(house, 2, "Reva", typed(reva))
    assert told.stderr.splitlines()[-1] == "1 errors stand in the way of publishing."
    assert "clean.yaml:" in told.stderr


def test_a_signature_is_taken_back_by_whoever_made_it(house: Path) -> None:
    reva = enrolled(house, "Reva", Role.REVIEWER)
    hotline(house, "scripts", "import", str(changed_script(house)))
    sign(house, 2, "Reva", typed(reva))
    told = sign(house, 2, "Reva", typed(reva), "--take-back")
    assert told.stdout == "The signature of Reva under revision 2 is taken back.\n", told.stderr
    assert revisions(house)[1]["signed"] == "not signed / not reviewed"


def test_a_language_is_vouched_for_by_who_grew_up_with_it(house: Path) -> None:
    reva = enrolled(house, "Reva", Role.REVIEWER, languages=("ro",))
    told = sign(house, 1, "Reva", typed(reva), "--language", "ro")
    assert told.stdout == "ro: Reva vouches for its texts, Reva for its lists and page words.\n", told.stderr
    refused = sign(house, 1, "Reva", typed(reva), "--language", "en")
    assert "Reva cannot vouch for en" in refused.stderr


def test_revisions_are_compared_in_words(house: Path) -> None:
    file = house / "config/scripts/clean.en.yaml"
    text = file.read_text(encoding="utf-8")
    assert 'hello.go: "Yes"' in text
    file.write_text(text.replace('hello.go: "Yes"', 'hello.go: "Yes, go on"'), encoding="utf-8")
    hotline(house, "scripts", "import")
    told = hotline(house, "scripts", "diff", "1", "2")
    assert told.stdout.splitlines()[0].startswith("hello: “")
    assert told.stdout.splitlines()[1:] == ["  The choice “go” (en)", "    - Yes", "    + Yes, go on"]
    plain = json.loads(hotline(house, "scripts", "diff", "1", "2", "--format", "json").stdout)
    assert [(one["step"], one["language"], one["after"]) for one in plain] == [("hello", "en", "Yes, go on")]
    same = hotline(house, "scripts", "diff", "1", "1")
    assert same.stdout == "Nothing that a woman could notice changes.\n"
    assert hotline(house, "scripts", "diff", "1", "9").returncode == 1


def test_what_is_exported_is_what_was_imported_line_ends_and_comments_included(house: Path) -> None:
    folder = house / "config/scripts"
    text = folder.joinpath("clean.en.yaml").read_text(encoding="utf-8")
    folder.joinpath("clean.en.yaml").write_bytes(("# mine\n" + text).replace("\n", "\r\n").encode())
    hotline(house, "scripts", "publish")
    assert hotline(house, "scripts", "export", "out").returncode == 0
    for file in folder.iterdir():
        assert (house / "out" / file.name).read_bytes() == file.read_bytes()
    again = hotline(house, "scripts", "import", "out/clean.yaml")
    assert "revision 2 (published)" in again.stdout, again.stderr


def test_a_harmful_text_is_recalled_wherever_it_stands(house: Path) -> None:
    for text in ("spec: 1 # two", "spec: 1 # three"):
        changed_script(house, "spec: 1", text)
        hotline(house, "scripts", "publish")
        changed_script(house, text, "spec: 1")
    told = hotline(house, "scripts", "rollback", "--harmful", "--revision", "2")
    assert told.stdout == "Revision 3 is live again; 2 is recalled.\n", told.stderr
    assert hotline(house, "scripts", "rollback").stdout == "Revision 1 is live again; 3 is withdrawn.\n"
    last = hotline(house, "scripts", "rollback")
    assert last.returncode == 1
    assert "There is no earlier revision to go back to" in last.stderr
    assert hotline(house, "scripts", "rollback", "--revision", "1").returncode == 2


def test_a_desk_changes_single_texts_and_is_told_when_its_ground_moves(house: Path) -> None:
    own = house / "config/desks/demo/scripts"
    own.mkdir()
    own.joinpath("clean.yaml").write_text("spec: 1\nover: clean\n")
    own.joinpath("clean.en.yaml").write_text('menu.text: "Why did you let it happen?"\n')
    linted = hotline(house, "scripts", "lint", "config")
    assert linted.returncode == 1
    assert "clean.en.yaml:" in linted.stdout
    own.joinpath("clean.en.yaml").write_text('hello.go: "Yes, here"\n')
    assert hotline(house, "scripts", "lint", "config").returncode == 0
    done = hotline(house, "scripts", "publish", "--desk", "demo")
    assert "Revision 2 is published" in done.stdout, done.stderr
    assert "Yes, here" in hotline(house, "scripts", "diff", "1", "2").stdout
    changed_script(house)
    hotline(house, "scripts", "publish")
    found = checks(house)["desk texts"]
    assert "to review: revision 2 of desk demo was made over revision 1" in found["found"]
    merged = hotline(house, "scripts", "merge", "--desk", "demo")
    assert merged.stdout.startswith("Revision 4 (draft): the changes of desk demo"), merged.stderr
    hotline(house, "scripts", "publish", "--revision", "4")
    assert "desk texts" not in checks(house)
    hotline(house, "scripts", "export", "out", "--desk", "demo")
    assert (house / "out/clean.en.yaml").read_text() == 'hello.go: "Yes, here"\n'
    assert hotline(house, "scripts", "merge").returncode == 2
    assert hotline(house, "scripts", "merge", "--desk", "network").returncode == 1


def test_a_draft_is_put_aside(house: Path) -> None:
    hotline(house, "scripts", "import", str(changed_script(house)))
    assert hotline(house, "scripts", "discard", "2").stdout == "Revision 2 is put aside.\n"
    told = hotline(house, "scripts", "publish", "--revision", "2")
    assert "was put aside" in told.stderr


def test_publishing_over_what_went_live_meanwhile_takes_a_word(house: Path) -> None:
    file = changed_script(house)
    hotline(house, "scripts", "import", str(file))
    changed_script(house, "# anew", "# later")
    hotline(house, "scripts", "publish", str(file))
    refused = hotline(house, "scripts", "publish", "--revision", "2")
    assert refused.returncode == 1
    assert "`hotline scripts diff 3 2`" in refused.stderr
    done = hotline(house, "scripts", "publish", "--revision", "2", "--replacing", "3")
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"x" * 10_000_000, "at most 1,000,000"),
        (b"\xff\xfe\x00", "it is not UTF-8 text"),
        (b"a: &a [*a, *a]\nb: *a\n", "2 (draft)"),
    ],
)
def test_what_no_script_can_be_is_refused_or_stays_a_draft_and_what_is_live_stays(
    house: Path, content: bytes, told: str
) -> None:
    file = house / "config/scripts/clean.yaml"
    file.write_bytes(content)
    taken = hotline(house, "scripts", "import", str(file))
    assert told in taken.stdout + taken.stderr
    refused = hotline(house, "scripts", "publish", str(file))
    assert refused.returncode == 1
    assert "Traceback" not in refused.stderr
    assert revisions(house)[0]["state"] == "published"


def test_a_database_in_which_somebody_wrote_is_seen(house: Path) -> None:
    changed_script(house)
    hotline(house, "scripts", "publish")
    hotline(house, "scripts", "rollback", "--harmful")
    database = sqlite3.connect(house / "data/hotline.db")
    with database:
        database.execute("UPDATE script_revision SET state = 'replaced' WHERE id = 2")
        database.execute("INSERT INTO signature VALUES ('x', 'script.1', x'00')")
    database.close()
    found = checks(house)
    assert (found["recalled"]["level"], found["signatures"]["level"]) == ("fault", "fault")
    assert "revision 2 was recalled as harmful" in found["recalled"]["found"]
    assert "made by nobody here" in found["signatures"]["found"]


def test_the_password_is_asked_for_and_shown_nowhere(house: Path) -> None:
    reva = enrolled(house, "Reva", Role.REVIEWER)
    told = program(house, "scripts", "sign", "1", "--as", "Reva", typed=typed(reva))
    assert told.returncode == 0, told.stderr
    assert told.stderr.splitlines() == ["Password of Reva: ", "Code the app shows now: "]
    assert PASSWORD not in told.stdout + told.stderr


def test_all_of_it_on_postgresql_too(empty: Path, fresh_postgres: str) -> None:
    (empty / "hotline.toml").write_text('database_url_file = "url"\n')
    (empty / "url").write_text(fresh_postgres)
    assert hotline(empty, "init", "--non-interactive").returncode == 0
    settings = load_settings(environ_of(empty), empty)
    secrets: dict[str, str] = {}
    with open_premises(settings) as premises, premises.write() as connection:
        for alias, role in (("Edda", Role.EDITOR), ("Reva", Role.REVIEWER)):
            secrets[alias] = totp.new_secret()
            profile = people.Profile(alias, ["en"], password=HASH, totp=secrets[alias])
            person = people.invite(connection, premises.house(), profile, [(role, "network")], 0)
            admitting.activate(connection, person)
    hotline(empty, "scripts", "import", str(changed_script(empty)))
    for alias, secret in secrets.items():
        done = sign(empty, 2, alias, typed(secret))
        assert done.returncode == 0, done.stderr
    told = hotline(empty, "scripts", "publish", "--revision", "2")
    assert "signed by Edda and Reva (reviewer)" in told.stdout, told.stderr
    assert hotline(empty, "scripts", "rollback", "--harmful").returncode == 0
    assert [row["state"] for row in revisions(empty)] == ["published", "recalled"]
