"""The mode `open` from end to end, with complete made-up data: what it asks for, and what it then does."""

import asyncio
import json
import shutil
import sqlite3
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import aiohttp
import pytest

from bot.model import Role
from tests.cli.house import PROGRAM, changed_script, checks, environ_of, hotline, signed_in
from tests.cli.test_scripts import enrolled, sign, typed
from tests.faults.page import Page

ANSWERS = """\
spec: 1
controller:
  name: Women's House North
  contact: Post box 1, North
impact_assessment:
  done_on: 2026-01-15
legal_requests:
  decided_by: two of the board
  told:
    en: We answer nothing without a court order, and tell what we were asked once a year.
    ro: Nu răspundem fără un ordin judecătoresc și spunem o dată pe an ce ni s-a cerut.
"""
REQUIRED = "required: {tiers: {primary: [suicide], backup: [suicide], supervisor: [suicide]}}"
TRIED_OUT = "being tried out"


def open_words() -> dict[str, str]:
    return {"HOTLINE_MODE": "open", "HOTLINE_RESCUE_POLICY": "consent-only"}


@pytest.fixture(scope="module")
def made_complete(made_once: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An organisation that has all `open` asks for, made once."""
    house = tmp_path_factory.mktemp("complete") / "house"
    shutil.copytree(made_once, house)
    (house / "config/network/accountability.yaml").write_text(ANSWERS, encoding="utf-8")
    for alias, role in (("Maple", "volunteer"), ("Juniper", "volunteer"), ("Alder", "supervisor")):
        hotline(house, "people", "invite", alias, "--role", role)
    hotline(house, "people", "invite", "Rowan", "--role", "coordinator")
    hotline(house, "people", "invite", "Tansy", "--role", "trainer")
    training = house / "config/network/training.yaml"
    training.write_text(training.read_text("utf-8").replace("required: {}", REQUIRED), encoding="utf-8")
    signed_in(house)
    for alias in ("Maple", "Juniper", "Alder"):
        assert hotline(house, "people", "train", alias, "suicide", "--as", "Tansy").returncode == 0
    for number in ("eu.emergency.112", "ro.emergency.112"):
        assert hotline(house, "resources", "verify", number, "--as", "Rowan").returncode == 0
    edda = enrolled(house, "Edda", Role.EDITOR)
    reva = enrolled(house, "Reva", Role.REVIEWER, languages=("en", "ro"))
    nora = enrolled(house, "Nora", Role.REVIEWER, languages=("ro",))
    for alias, secret, more in (
        ("Edda", edda, ()),
        ("Reva", reva, ()),
        ("Reva", reva, ("--language", "en")),
        ("Nora", nora, ("--language", "ro")),
    ):
        done = sign(house, 1, alias, typed(secret), *more)
        assert done.returncode == 0, done.stderr
    return house


@pytest.fixture
def complete(made_complete: Path, tmp_path: Path) -> Path:
    """The same in a folder of this test's own."""
    folder = tmp_path / "house"
    shutil.copytree(made_complete, folder)
    return folder


@contextmanager
def serving(house: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """`hotline run` in the mode `open`, and where the public page is."""
    with subprocess.Popen(
        [PROGRAM, "run"],
        cwd=house,
        env=environ_of(house, **open_words()),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as running:
        try:
            assert running.stdout is not None
            line = running.stdout.readline()
            assert line.startswith("Web chat"), running.communicate()[1]
            yield running, line.split()[-1].rstrip("/")
        finally:
            running.kill()


@asynccontextmanager
async def her_page(origin: str) -> AsyncIterator[Page]:
    page = Page(origin, "198.51.100.7")
    living = asyncio.ensure_future(page.live())
    try:
        yield page
    finally:
        page.leave()
        living.cancel()
        await asyncio.gather(living, return_exceptions=True)


async def reads(page: Page, text: str) -> None:
    async with asyncio.timeout(20):
        while not any(text in line.text for line in page.of_the_guide):
            await page.changes()


def test_every_check_of_the_opening_passes(complete: Path) -> None:
    found = checks(complete, "--opening", **open_words())
    assert [one for one in found.values() if one["level"] == "fault"] == []
    for name in (
        "signatures",
        "organisation",
        "legal requests",
        "what we hold",
        "languages",
        "cover",
        "training",
        "numbers",
    ):
        assert found[name]["level"] == "good", found[name]


@pytest.mark.timeout(120)
async def test_open_starts_and_tells_nobody_that_it_is_tried_out(complete: Path) -> None:
    with serving(complete) as (_, origin):
        async with her_page(origin) as page:
            await reads(page, "Is now a good time")
            page.act(kind="choice", choice="hello.go")
            await reads(page, "Could anyone else see")
            page.act(kind="choice", choice="safe_check.alone")
            await reads(page, "I am an automatic guide")
            assert not any(TRIED_OUT in line.text for line in page.lines)
            assert any("only if you say yes" in line.text for line in page.lines)
        async with aiohttp.ClientSession() as visit, visit.get(f"{origin}/what-we-hold") as answer:
            text = await answer.text()
        assert "Women&#39;s House North. Post box 1, North" in text
        assert "We answer nothing without a court order" in text
        assert TRIED_OUT not in text


@pytest.mark.parametrize(
    ("takes", "check"),
    [("accountability", "organisation"), ("told", "legal requests"), ("hold", "languages"),
     ("signature", "signatures"), ("text", "signatures"), ("rota", "cover"),
     ("module", "training"), ("policy", "rescue policy")],
)  # fmt: skip
def test_open_does_not_start_without_any_one_of_them(complete: Path, takes: str, check: str) -> None:
    config, words = complete / "config", open_words()
    if takes == "accountability":
        (config / "network/accountability.yaml").unlink()
    elif takes == "told":
        cut = ANSWERS.split("    ro:", maxsplit=1)[0]
        (config / "network/accountability.yaml").write_text(cut, encoding="utf-8")
    elif takes == "hold":
        for tag in ("en", "ro"):
            (config / f"words/hold.{tag}.yaml").unlink()
    elif takes == "signature":
        execute(complete, "DELETE FROM signature WHERE subject = 'script.1'")
    elif takes == "text":
        changed_script(complete)
        hotline(complete, "scripts", "publish", environ=environ_of(complete, HOTLINE_MODE="trial"))
    elif takes == "module":
        training = config / "network/training.yaml"
        training.write_text(training.read_text("utf-8").replace("backup: [suicide], ", ""), encoding="utf-8")
    elif takes == "rota":
        hotline(complete, "people", "suspend", "Alder")
    else:
        del words["HOTLINE_RESCUE_POLICY"]
    found = checks(complete, "--opening", **words)
    assert found[check]["level"] == "fault", found
    told = hotline(complete, "run", environ=environ_of(complete, **words))
    assert told.returncode == 1
    assert "doctor --opening" in told.stderr


def test_a_hotline_begun_in_open_keeps_its_texts_as_drafts_to_be_signed(empty: Path) -> None:
    environ = environ_of(empty, **open_words())
    told = hotline(empty, "init", "--non-interactive", environ=environ)
    assert told.returncode == 0, told.stderr
    assert "revision 1 is a draft: two people sign it" in told.stdout
    listed = json.loads(hotline(empty, "scripts", "revisions", "--format", "json").stdout)
    assert [row["state"] for row in listed] == ["draft"]
    assert hotline(empty, "run", environ=environ).returncode == 1


def test_what_open_refuses_to_publish_is_kept_to_be_signed(complete: Path) -> None:
    file = changed_script(complete)
    told = hotline(complete, "scripts", "publish", str(file), environ=environ_of(complete, **open_words()))
    assert told.returncode == 1
    assert "`hotline scripts sign 2 --as ALIAS`" in told.stderr
    listed = json.loads(hotline(complete, "scripts", "revisions", "--format", "json").stdout)
    assert [row["state"] for row in listed] == ["published", "draft"]


def test_a_desk_may_answer_for_itself(complete: Path) -> None:
    own = ANSWERS.replace("Women's House North", "The desk")
    (complete / "config/desks/demo/accountability.yaml").write_text(own, encoding="utf-8")
    found = checks(complete, "--opening", **open_words())
    assert found["organisation"]["found"] == "The desk; impact assessment of 2026-01-15"


def test_a_document_with_a_fault_is_told_by_line(complete: Path) -> None:
    file = complete / "config/network/accountability.yaml"
    file.write_text(ANSWERS.replace("done_on: 2026-01-15", "done_on: soon"), encoding="utf-8")
    assert "accountability.yaml:6" in checks(complete)["configuration"]["found"]


def test_an_exception_is_shown_with_its_end(complete: Path) -> None:
    execute(complete, "DELETE FROM signature WHERE subject LIKE '%.ro'")
    assert checks(complete, "--opening", **open_words())["languages"]["level"] == "warning"
    for alias, role in (("Oana", Role.EDITOR), ("Petra", Role.REVIEWER)):
        secret = enrolled(complete, alias, role)
        done = sign(complete, 1, alias, typed(secret), "--language", "ro", "--exception")
        assert done.returncode == 0, done.stderr
    told = checks(complete, "--opening", **open_words())["languages"]["found"]
    assert told.startswith("ro is offered until ")


@pytest.mark.timeout(120)
async def test_what_is_not_signed_is_never_said_in_open_and_what_is_recalled_ends_at_once(
    complete: Path,
) -> None:
    trial = environ_of(complete, HOTLINE_MODE="trial")
    is_open = environ_of(complete, **open_words())
    with serving(complete) as (running, origin):
        text = complete / "config/scripts/clean.en.yaml"
        was = text.read_text(encoding="utf-8")
        text.write_text(was.replace("Is now a good time", "Might now be a good time"), encoding="utf-8")
        refused = hotline(complete, "scripts", "publish", environ=is_open)
        assert "In the mode `open` two different people sign" in refused.stderr
        assert hotline(complete, "scripts", "publish", environ=trial).returncode == 0
        await asyncio.sleep(4)  # the service has read of it
        async with her_page(origin) as page:
            await reads(page, "Is now a good time")
        for alias, role in (("Ada", Role.COORDINATOR), ("Bea", Role.REVIEWER)):
            secret = enrolled(complete, alias, role, languages=("en",))
            assert sign(complete, 2, alias, typed(secret)).returncode == 0
            if role is Role.REVIEWER:
                assert sign(complete, 2, alias, typed(secret), "--language", "en").returncode == 0
        await asyncio.sleep(4)
        async with her_page(origin) as page:
            await reads(page, "Might now be a good time")
            assert hotline(complete, "scripts", "rollback", "--harmful", environ=is_open).returncode == 0
            before = len(page.of_the_guide)
            page.act(kind="choice", choice="hello.go")
            await reads(page, "Could anyone else see")
            assert not any("Might now" in line.text for line in page.of_the_guide[before:])
        assert running.poll() is None


def execute(house: Path, statement: str) -> None:
    database = sqlite3.connect(house / "data/hotline.db")
    with database:
        database.execute(statement)
    database.close()


def test_the_words_of_the_page_are_vouched_for_with_the_language(complete: Path) -> None:
    file = complete / "config/words/hold.en.yaml"
    file.write_text(file.read_text(encoding="utf-8").replace("What is kept", "Kept"), encoding="utf-8")
    found = checks(complete, "--opening", **open_words())["languages"]
    assert "en is not offered: nobody vouches for its lists and page words" in found["found"]
