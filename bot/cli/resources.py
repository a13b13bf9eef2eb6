"""`hotline resources`: lint, look for, verify, withdraw, import and export regional help."""

from difflib import get_close_matches
from pathlib import Path

from bot.cli.call import (
    DONE,
    REFUSED,
    Call,
    Refused,
    SubWords,
    WrongUse,
    add_format,
    add_word,
    add_words,
    show,
)
from bot.cli.scripts import write_new
from bot.model import NETWORK_DESK
from bot.services import audit, documents, people
from bot.services.permissions import Action, Thing, rights_of
from bot.services.premises import open_premises
from bot.services.resources import export as export_files, read_folder
from bot.store import resources as rows
from bot.store.moments import to_moment
from triage.directory import Directory, Found, find
from triage.directory_needs import NEEDS
from triage.issue import Severity


def add(sub: SubWords) -> None:
    """Add the words."""
    words = add_words(add_word(sub, "resources", "Regional help: lint, find, verify, withdraw, export."))
    lint = add_word(
        words, "lint", "Read resource files and tell every fault; 1 when one is an error.", lint_all
    )
    lint.add_argument("folder", nargs="?", type=Path, help="default the one of the configuration")
    add_format(lint)
    look = add_word(words, "find", "What would be sent now for a need and a region.", look_up)
    look.add_argument("--need", default="general_women", metavar="NEED", help=f"one of: {', '.join(NEEDS)}")
    look.add_argument("--region", metavar="CODE", help="such as RO; without it nothing is guessed")
    look.add_argument("--language", default="en", metavar="TAG")
    add_format(look)
    verify = add_word(words, "verify", "Record that a person rang it today and that it is right.", ring)
    verify.add_argument("id")
    verify.add_argument("--as", dest="alias", required=True, metavar="ALIAS", help="who rang")
    withdraw = add_word(words, "withdraw", "Take it out at once; one person is enough.", take_out)
    withdraw.add_argument("id")
    taking = add_word(
        words, "import", "Publish what the resource files hold; lint errors stand in the way.", take
    )
    taking.add_argument("folder", nargs="?", type=Path, help="default the one of the configuration")
    out = add_word(words, "export", "Write what is published as files, one per country.", export)
    out.add_argument("folder", type=Path)


def lint_all(call: Call) -> int:
    """Lint resource files."""
    found = read_folder(_folder(call), call.now.date())
    errors = sum(issue.severity is Severity.ERROR for issue in found.issues)
    if call.words.format == "json":
        show(
            call,
            [
                {"file": one.file, "line": one.line, "rule": one.rule, "severity": one.severity.value,
                 "path": one.path, "message": one.message}
                for one in found.issues
            ],
        )  # fmt: skip
    else:
        for issue in found.issues:
            print(issue)
        print(f"{len(found.rows)} resources, {len(found.to_ring)} to ring: {errors} errors")
    return REFUSED if errors else DONE


def look_up(call: Call) -> int:
    """Tell what the guide would send."""
    words, settings = call.words, call.settings
    _expect_need(words.need)
    with open_premises(settings) as premises, premises.read() as connection:
        directory = rows.load_directory(connection, settings.desk)
    desk = documents.desk(documents.config_folder(settings.config_dir), settings.desk)
    found: Found = find(
        directory,
        region=words.region,
        need=words.need,
        language=words.language,
        now=call.now,
        mode=settings.mode.value,
        desk_country=desk.default_country,
    )
    show(
        call,
        [
            {
                "id": hit.resource.id,
                "name": hit.resource.name,
                "ways": list(hit.resource.ways),
                "mark": hit.mark.value if hit.mark else "",
                "open_now": hit.open_now,
            }
            for hit in found.rows
        ],
    )
    return DONE


def _expect_need(need: str) -> None:
    """Raise `WrongUse` for a need that no chain is written for: the guide would answer with any line."""
    if need not in NEEDS:
        near = get_close_matches(need, NEEDS, n=1)
        hint = f"Did you mean {near[0]}?" if near else f"There are: {', '.join(NEEDS)}."
        raise WrongUse(f"There is no need {need}. {hint}")


def ring(call: Call) -> int:
    """Verify a row as a person."""
    now = to_moment(call.now)
    with open_premises(call.settings) as premises, premises.write() as connection:
        person = people.find(connection, premises.house(), call.words.alias)
        if not rights_of(connection, person.id).anywhere(Action.VERIFY, Thing.RESOURCE):
            raise Refused(f"{call.words.alias} may not verify resources. `hotline people grant` gives roles.")
        row = rows.verify(connection, call.words.id, person.id, call.now.date())
        audit.record(connection, premises.vault, person.id, "verify", row.id, (), now)
    print(f"{row.id}: verified today by {call.words.alias}.")
    return DONE


def take_out(call: Call) -> int:
    """Withdraw a row."""
    with open_premises(call.settings) as premises, premises.write() as connection:
        row = rows.withdraw(connection, call.words.id, call.now)
        now = to_moment(call.now)
        audit.record(connection, premises.vault, audit.PROGRAM, "withdraw", row.id, (), now)
    print(f"{row.id}: withdrawn. It is sent to nobody any more; `hotline resources verify` brings it back.")
    return DONE


def take(call: Call) -> int:
    """Import resource files for the whole network."""
    found = read_folder(_folder(call), call.now.date())
    errors = [issue for issue in found.issues if issue.severity is Severity.ERROR]
    if errors:
        for issue in errors:
            print(issue)
        raise Refused(f"{len(errors)} errors stand in the way. Nothing was changed.")
    with open_premises(call.settings) as premises, premises.write() as connection:
        done = rows.import_rows(connection, NETWORK_DESK, found.resources)
        codes = (f"added_{len(done.added)}", f"changed_{len(done.changed)}")
        now = to_moment(call.now)
        audit.record(connection, premises.vault, audit.PROGRAM, "import", "resources", codes, now)
    print(f"{len(done.added)} added, {len(done.changed)} changed, {done.unchanged} as they were.")
    for told, ids in (
        ("must be rung again, because what is dialled has changed", done.verification_lost),
        ("stay withdrawn", done.still_withdrawn),
    ):
        if ids:
            print(f"{len(ids)} {told}: {', '.join(ids)}")
    return DONE


def export(call: Call) -> int:
    """Write country files; nothing there is overwritten."""
    folder: Path = call.cwd / call.words.folder
    with open_premises(call.settings) as premises, premises.read() as connection:
        directory: Directory = rows.load_directory(connection, call.settings.desk)
    zones = {
        country: next((row.zone for row in listed if row.zone), "")
        for country, listed in directory.by_country.items()
    }
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in export_files(directory.resources, zones).items():
        write_new(folder / name, text)
    return DONE


def _folder(call: Call) -> documents.Folder:
    typed: Path | None = call.words.folder
    if typed is None:
        return documents.config_folder(call.settings.config_dir) / "resources"
    folder = call.cwd / typed
    if not folder.is_dir():
        raise Refused(f"{folder}: there is no such folder.")
    return folder
