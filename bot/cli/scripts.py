"""`hotline scripts`: lint, import, sign, publish, list, compare, go back, export."""

from collections.abc import Iterable
from dataclasses import asdict
from datetime import UTC
from pathlib import Path

from bot.cli import scripts_acts
from bot.cli.call import DONE, REFUSED, Call, Refused, SubWords, add_format, add_word, add_words, show
from bot.cli.scripts_found import add_desk, add_path, found, is_configuration
from bot.services import comparing, documents, linting, listing, profiles, revisions
from bot.services.comparing import Change
from bot.services.judging import lint
from bot.services.listing import Listed
from bot.services.premises import open_premises
from bot.services.sheets import Sheet, sheet_of
from bot.store.moments import from_moment
from triage.issue import Issue, Severity
from triage.lint.notes import notes


def add(sub: SubWords) -> None:
    """Add the words."""
    words = add_words(add_word(sub, "scripts", "Lint, sign, publish, go back to, and export scripts."))
    linted = add_word(words, "lint", "Try every rule on scripts; 1 when one has an error.", lint_all)
    add_path(linted)
    linted.add_argument("--errors-only", action="store_true", help="leave warnings out")
    linted.add_argument("--reasons", action="store_true", help="after the findings, why each rule is there")
    add_format(linted)
    scripts_acts.add(words)
    listed = add_word(
        words, "revisions", "Every revision, oldest first: where it stands, who signed.", show_all
    )
    add_desk(listed, default=None, told="default all")
    add_format(listed)
    differ = add_word(words, "diff", "What changes from one revision to another, in words.", diff)
    differ.add_argument("old", type=int, metavar="A")
    differ.add_argument("new", type=int, metavar="B")
    add_format(differ)
    out = add_word(words, "export", "Write the files of a revision, to the letter.", export)
    out.add_argument("folder", type=Path)
    out.add_argument("--revision", type=int, help="default the live one")
    add_desk(out)


def lint_all(call: Call) -> int:
    """Lint; tells findings as `file:line:column: rule severity: message`."""
    sources, config = found(call)
    organisation = documents.network(config).organisation
    issues = [issue for source in sources for issue in lint(source, config, organisation)[1]]
    names = [source.name for source in sources]
    if is_configuration(call):
        sheets = documents.sheets(config)
        issues += linting.lint_sheets(sheets, config, organisation)
        names += [sheet.name.removesuffix(".yaml") for sheet in sheets]
    issues += profiles.lint_profiles(config, organisation)
    shown = [one for one in issues if one.severity is Severity.ERROR or not call.words.errors_only]
    if call.words.format == "json":
        show(call, [_plain(issue) for issue in shown])
    else:
        for issue in shown:
            print(issue)
        if call.words.reasons:
            _tell_reasons({issue.rule for issue in shown})
        counts = f"{_count(issues, Severity.ERROR)} errors, {_count(issues, Severity.WARNING)} warnings"
        print(f"{', '.join(names)}: {counts}")
    return REFUSED if _count(issues, Severity.ERROR) else DONE


def show_all(call: Call) -> int:
    """List revisions."""
    with open_premises(call.settings) as premises, premises.read() as connection:
        known = listing.listed(connection, premises.house(), call.words.desk)
    show(call, [_row(call, one) for one in known])
    return DONE


def _row(call: Call, one: Listed) -> dict[str, object]:
    revision = one.revision
    return {
        "revision": revision.id,
        "script": revision.script,
        "desk": revision.desk,
        "state": revision.state.value,
        "signed": one.standing.told,
        "made": from_moment(revision.created_at).astimezone(UTC).isoformat(timespec="minutes"),
        "by": one.by,
        "from": revision.origin.made_from,
        "digest": revision.digest if call.words.format == "json" else revision.digest[:12],
    }


def diff(call: Call) -> int:
    """Tell what changes, step by step and language by language."""
    with open_premises(call.settings) as premises, premises.read() as connection:
        old, new = (
            sheet_of(revisions.source_of(connection, premises.vault, number))
            for number in (call.words.old, call.words.new)
        )
    changes = comparing.compare(old, new)
    if call.words.format == "json":
        show(call, [asdict(one) for one in changes])
    else:
        _tell_changes(changes, old, new)
    return DONE


def _tell_changes(changes: Iterable[Change], old: Sheet, new: Sheet) -> None:
    step: str | None = None
    for one in changes:
        if one.step != step:
            step = one.step
            title = new.title(step) or old.title(step)
            print(f"{step or 'the script as a whole'}{f': “{title}”' if title else ''}")
        print(f"  {one.said}{f' ({one.language})' if one.language else ''}")
        for mark, text in (("-", one.before), ("+", one.after)):
            for line in text.splitlines():
                print(f"    {mark} {line}")
    if step is None:
        print("Nothing that a woman could notice changes.")


def export(call: Call) -> int:
    """Write the files of a revision into a folder; nothing there is overwritten."""
    folder: Path = call.cwd / call.words.folder
    with open_premises(call.settings) as premises, premises.read() as connection:
        number = call.words.revision
        if number is None:
            live = revisions.live_revision(connection, premises.vault, call.words.desk)
            if live is None:
                raise Refused(f"Nothing is published for desk {call.words.desk}.")
            number = live.id
        source = revisions.source_of(connection, premises.vault, number)
    folder.mkdir(parents=True, exist_ok=True)
    for file in source.files:
        write_new(folder / file.name, file.text)
    return DONE


def write_new(path: Path, text: str) -> None:
    """Write a file that is not there, and say so. Raises `Refused`."""
    try:
        with path.open("x", encoding="utf-8", newline="") as file:
            file.write(text)
    except FileExistsError:
        raise Refused(f"{path} is there already and is left alone. Export into another folder.") from None
    print(path)


def _tell_reasons(rules: Iterable[str]) -> None:
    for note in (notes()[rule] for rule in sorted(rules) if rule in notes()):
        print(f"\n{note.rule}: {note.says}\n  Reason: {note.reason}\n  Cure: {note.cure}")


def _count(issues: Iterable[Issue], severity: Severity) -> int:
    return sum(issue.severity is severity for issue in issues)


def _plain(issue: Issue) -> dict[str, object]:
    note = notes().get(issue.rule)
    return {
        "file": issue.file,
        "line": issue.line,
        "column": issue.column,
        "rule": issue.rule,
        "severity": issue.severity.value,
        "path": issue.path,
        "message": issue.message,
        **({"reason": note.reason, "source": note.source, "cure": note.cure} if note else {}),
    }
