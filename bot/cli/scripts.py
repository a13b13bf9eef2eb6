"""`hotline scripts`: lint, import, publish, list, go back, export."""

from collections.abc import Iterable
from datetime import UTC
from pathlib import Path

from bot.cli.call import DONE, REFUSED, Call, Refused, SubWords, Words, add_format, add_word, add_words, show
from bot.model import NETWORK_DESK
from bot.services import audit, documents, linting, profiles, publishing
from bot.services.documents import Folder, ScriptSource
from bot.services.premises import open_premises
from bot.store.moments import from_moment, to_moment
from triage.issue import Issue, Severity
from triage.lint.notes import notes


def add(sub: SubWords) -> None:
    """Add the words."""
    words = add_words(add_word(sub, "scripts", "Lint, publish, go back to, and export scripts."))
    lint = add_word(words, "lint", "Try every rule on scripts; 1 when one has an error.", lint_all)
    _add_path(lint)
    lint.add_argument("--errors-only", action="store_true", help="leave warnings out")
    lint.add_argument("--reasons", action="store_true", help="after the findings, why each rule is there")
    add_format(lint)
    for name, summary, command in (
        ("import", "Keep a script as a draft.", take),
        ("publish", "Import a script and make it the one newcomers meet; errors stand in the way.", publish),
    ):
        parser = add_word(words, name, summary, command)
        _add_path(parser)
        _add_desk(parser)
        parser.add_argument("--revision", type=int, help="a revision imported before, in place of a path")
    add_format(add_word(words, "revisions", "Every revision, oldest first.", revisions))
    back = add_word(words, "rollback", "Go back to the revision before; one person is enough.", roll_back)
    _add_desk(back)
    back.add_argument(
        "--harmful", action="store_true", help="open conversations leave it too, at their next turn"
    )
    out = add_word(words, "export", "Write the files of a revision, to the letter.", export)
    out.add_argument("folder", type=Path)
    out.add_argument("--revision", type=int, help="default the live one")
    _add_desk(out)


def _add_path(parser: Words) -> None:
    parser.add_argument(
        "path", nargs="?", type=Path, help="a script, a folder of scripts, or a configuration folder"
    )


def _add_desk(parser: Words) -> None:
    parser.add_argument(
        "--desk", default=NETWORK_DESK, help=f"default {NETWORK_DESK}: every desk without its own"
    )


def lint_all(call: Call) -> int:
    """Lint; tells findings as `file:line:column: rule severity: message`."""
    sources, config = _found(call)
    organisation = documents.network(config).organisation
    issues = [issue for source in sources for issue in publishing.lint(source, config, organisation)[1]]
    names = [source.name for source in sources]
    if _is_configuration(call):
        sheets = documents.sheets(config)
        issues += linting.lint_sheets(sheets, config, organisation)
        names += [sheet.name.removesuffix(".yaml") for sheet in sheets]
    issues += profiles.lint_profiles(config, organisation)
    shown = [one for one in issues if one.severity is Severity.ERROR or not call.words.errors_only]
    if call.words.format == "json":
        show(call, [_plain(issue) for issue in shown])
    else:
        _tell(shown)
        if call.words.reasons:
            _tell_reasons({issue.rule for issue in shown})
        counts = f"{_count(issues, Severity.ERROR)} errors, {_count(issues, Severity.WARNING)} warnings"
        print(f"{', '.join(names)}: {counts}")
    return REFUSED if _count(issues, Severity.ERROR) else DONE


def take(call: Call) -> int:
    """Import drafts."""
    sources, _ = _found(call)
    with open_premises(call.settings) as premises, premises.write() as connection:
        for source in sources:
            draft = publishing.import_source(connection, premises.vault, call.words.desk, source, call.now)
            now = to_moment(call.now)
            audit.record(connection, premises.vault, audit.PROGRAM, "import", f"script.{draft.id}", (), now)
            print(f"{source.name}: revision {draft.id} ({draft.state.value})")
    return DONE


def publish(call: Call) -> int:
    """Publish one script; errors block (PR14)."""
    number: int | None = call.words.revision
    config = documents.config_folder(call.settings.config_dir)
    with open_premises(call.settings) as premises, premises.write() as connection:
        if number is None:
            sources, config = _found(call)
            if len(sources) != 1:
                names = ", ".join(source.name for source in sources)
                raise Refused(f"Several scripts lie there ({names}): name the file of one.")
            desk = call.words.desk
            number = publishing.import_source(connection, premises.vault, desk, sources[0], call.now).id
        organisation = call.settings.organisation or documents.network(config).organisation
        warnings = publishing.publish(connection, premises.vault, number, config, organisation)
        now = to_moment(call.now)
        audit.record(connection, premises.vault, audit.PROGRAM, "publish", f"script.{number}", (), now)
    _tell(warnings)
    print(f"Revision {number} is published. Open conversations keep the one they began with.")
    return DONE


def revisions(call: Call) -> int:
    """List revisions."""
    with open_premises(call.settings) as premises, premises.read() as connection:
        rows = [
            {
                "revision": one.id,
                "script": one.script,
                "desk": one.desk,
                "state": one.state.value,
                "imported": from_moment(one.created_at).astimezone(UTC).isoformat(timespec="minutes"),
                "digest": one.digest if call.words.format == "json" else one.digest[:12],
            }
            for one in publishing.revisions(connection)
        ]
    show(call, rows)
    return DONE


def roll_back(call: Call) -> int:
    """Put the revision before back."""
    harmful: bool = call.words.harmful
    with open_premises(call.settings) as premises, premises.write() as connection:
        gone, live = publishing.roll_back(connection, call.words.desk, harmful=harmful)
        codes = ("harmful",) if harmful else ()
        now = to_moment(call.now)
        audit.record(connection, premises.vault, audit.PROGRAM, "rollback", f"script.{gone.id}", codes, now)
    print(f"Revision {live.id} is live again; {gone.id} is {gone.state.value}.")
    return DONE


def export(call: Call) -> int:
    """Write the files of a revision into a folder; nothing there is overwritten."""
    folder: Path = call.cwd / call.words.folder
    with open_premises(call.settings) as premises, premises.read() as connection:
        number = call.words.revision
        if number is None:
            live = publishing.live_revision(connection, call.words.desk)
            if live is None:
                raise Refused(f"Nothing is published for desk {call.words.desk}.")
            number = live.id
        source = publishing.source_of(connection, premises.vault, number)
    folder.mkdir(parents=True, exist_ok=True)
    for file in (source.document, *source.texts.values()):
        write_new(folder / file.name, file.text)
    return DONE


def write_new(path: Path, text: str) -> None:
    """Write a file that is not there, and say so. Raises `Refused`."""
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise Refused(f"{path} is there already and is left alone. Export into another folder.") from None
    print(path)


def _found(call: Call) -> tuple[tuple[ScriptSource, ...], Folder]:
    """The scripts a path means, and the configuration folder their words come from."""
    typed: Path | None = call.words.path
    if typed is None:
        config = documents.config_folder(call.settings.config_dir)
        return documents.script_sources(config / documents.SCRIPTS), config
    path = (call.cwd / typed).resolve()
    if (path / documents.SCRIPTS).is_dir():
        return documents.script_sources(path / documents.SCRIPTS), path
    folder = path if path.is_dir() else path.parent
    beside = folder.parent
    config = beside if (beside / "words").is_dir() else documents.config_folder(None)
    sources = documents.script_sources(folder)
    if path.is_dir():
        return sources, config
    chosen = tuple(source for source in sources if source.document.name == path.name)
    if not chosen:
        raise Refused(f"{path}: there is no such script. A script is a file such as default.yaml.")
    return chosen, config


def _is_configuration(call: Call) -> bool:
    """True where the path means a whole configuration, sheets and all, not one script."""
    typed: Path | None = call.words.path
    return typed is None or (call.cwd / typed / documents.SCRIPTS).is_dir()


def _tell_reasons(rules: Iterable[str]) -> None:
    for note in (notes()[rule] for rule in sorted(rules) if rule in notes()):
        print(f"\n{note.rule}: {note.says}\n  Reason: {note.reason}\n  Cure: {note.cure}")


def _tell(issues: Iterable[Issue]) -> None:
    for issue in issues:
        print(issue)


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
