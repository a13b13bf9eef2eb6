"""`hotline rota`: who is on duty, taking a rota in and giving it out, and what an edit would change."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.cli import rota_clocks, rota_closed, rota_coverage, rota_feed, rota_holidays, rota_plan, rota_swaps
from bot.cli.call import DONE, Call, Refused, SubWords, add_format, add_word, add_words, show
from bot.cli.moments import moment
from bot.cli.rota_coverage import tell_left_out
from bot.services import audit, documents, foreseeing, rota_documents, rotas, shift_checks
from bot.services.loading import load_library
from bot.services.premises import Premises, Transaction, open_premises
from bot.services.rota_documents import ENDING, RotaDocument
from bot.store.moments import to_moment
from handoff.issue import Complaint, blocks
from handoff.model import Duty, Tier
from handoff.rota.planning import PastClosed, edited
from handoff.rota.preview import WEEKS_SHOWN, preview
from handoff.shifts import allowed
from triage.reading import SourceFile

TIERS = tuple(tier.value for tier in Tier)
MOST_TOLD = 20


def add(sub: SubWords) -> None:
    """Add the words."""
    words = add_words(add_word(sub, "rota", "Who is on duty; plan, take a rota in, look for gaps."))
    duty = add_word(words, "on-duty", "Who is on duty at a moment, and from when to when.", tell)
    duty.add_argument("--at", default="now", metavar="T", help="2026-11-20T21:00+02:00, or now (default)")
    duty.add_argument("--desk", help="default the one of the settings")
    add_format(duty, default="json")
    taking = add_word(
        words, "import", "Put a rota file in the place of the desk's rota, or a calendar into it.", take
    )
    _add_file(taking)
    taking.add_argument(
        "--from",
        dest="since",
        metavar="T",
        help="when it begins to hold, such as 2026-12-01T00:00+02:00; default now. What was before stays",
    )
    looking = add_word(words, "preview", "What a file would change for whom, without taking it in.", look)
    _add_file(looking)
    add_format(looking)
    giving = add_word(words, "export", "Write the desk's rota as the files `import` reads.", give)
    giving.add_argument("folder", type=Path)
    giving.add_argument("--desk", help="default the one of the settings")
    rota_plan.add(words)
    rota_closed.add(words)
    rota_swaps.add(words)
    rota_holidays.add(words)
    rota_coverage.add(words)
    rota_clocks.add(words)
    rota_feed.add(words)


def _add_file(parser: SubWords) -> None:
    parser.add_argument(
        "path",
        nargs="?",
        type=Path,
        help="rota.yaml, with its calendars beside it, or one calendar (.ics); default the desk's file in "
        "the configuration folder",
    )
    parser.add_argument("--desk", help="default the one of the settings")
    parser.add_argument("--tier", choices=TIERS, help="of a calendar: what its shifts are for")


def tell(call: Call) -> int:
    """The final duty at a moment, as routing has it (PR11); whom it leaves out is told beside it."""
    at = moment(call.words.at, call.now).replace(microsecond=0)
    desk = call.words.desk or call.settings.desk
    with open_premises(call.settings) as premises, premises.read() as connection:
        known = foreseeing.boards(connection, premises.vault, call.settings.config_dir, call.now)
    if desk not in known:
        raise Refused(f"Desk {desk} has no rota. Write one, then `hotline rota import`.")
    rows = [
        {
            "volunteer": duty.volunteer,
            "tier": duty.tier.value,
            "start": utc(duty.start),
            "end": utc(duty.end),
        }
        for duty in foreseeing.there_at(known[desk], at)
    ]
    tell_left_out(foreseeing.left_out_at(known[desk], at))
    if call.words.format == "json":
        print(json.dumps(rows, ensure_ascii=False))
    else:
        show(call, rows)
    return DONE


def take(call: Call) -> int:
    """Import a rota file; errors keep the one that is there."""
    desk = call.words.desk or call.settings.desk
    since = None if call.words.since is None else moment(call.words.since, call.now)
    with open_premises(call.settings) as premises, premises.write() as connection:
        known = rotas.stored_document(connection, premises.vault, desk)
        source, document = _given(call, desk, known)
        try:
            warnings = rotas.import_rota(
                connection, premises.vault, desk, source, call.now, document.calendars, since
            )
        except PastClosed as closed:
            raise Refused(f"--from: {closed}.") from None
        now = to_moment(call.now)
        told = _speaks_against(connection, premises, call, desk)
        audit.record(connection, premises.vault, audit.PROGRAM, "import", "rota", (desk,), now)
    for one in (*warnings, *told):
        print(one)
    print(f"The rota of desk {desk} has been taken in.")
    return DONE


def look(call: Call) -> int:
    """The difference for each person in the next eight weeks."""
    desk = call.words.desk or call.settings.desk
    with open_premises(call.settings) as premises, premises.read() as connection:
        old = rotas.load(connection, premises.vault, call.now).get(desk)
        known = rotas.stored_document(connection, premises.vault, desk)
    source, document = _given(call, desk, known)
    new, complaints = document.read(source.name, call.now.date())
    _tell_complaints(complaints)
    if new is None or old is None:
        raise Refused(f"Desk {desk} has no rota to compare with." if old is None else "Mend the file first.")
    found = preview(old, edited(old, new, call.now), call.now, call.now + WEEKS_SHOWN)
    show(
        call,
        [
            row
            for who, one in found.items()
            for row in (
                *(_row(who, "added", None, duty) for duty in one.added),
                *(_row(who, "removed", duty, None) for duty in one.removed),
                *(_row(who, "moved", moved.before, moved.after) for moved in one.moved),
            )
        ],
    )
    return DONE


def give(call: Call) -> int:
    """Write the files."""
    desk = call.words.desk or call.settings.desk
    with open_premises(call.settings) as premises, premises.read() as connection:
        document = rotas.stored_document(connection, premises.vault, desk)
    if document is None:
        raise Refused(f"Desk {desk} has no rota.")
    for path in rota_documents.write(document, call.cwd / call.words.folder):
        print(path)
    return DONE


def _speaks_against(connection: Transaction, premises: Premises, call: Call, desk: str) -> tuple[str, ...]:
    """What speaks against planned duties of the next weeks; what is hard keeps the rota that is there."""
    house, vault = premises.house(), premises.vault
    house.library = load_library(connection, vault, call.settings.config_dir, call.now)
    rota = rotas.load(connection, vault, call.now)[desk]
    found = shift_checks.publishable(connection, house, desk, rota, to_moment(call.now))
    hard = [line for one in found if not allowed(one.objections) for line in shift_checks.in_words(one)]
    if hard:
        raise Refused(
            "\n".join(hard[:MOST_TOLD])
            + f"\n{len(hard)} objections in the next 8 weeks; the rota that is there stays. Change shifts, "
            "or have a coordinator allow it: `hotline people override`."
        )
    return tuple(line for one in found for line in shift_checks.in_words(one))


def utc(at: datetime) -> str:
    """`2026-11-20T19:00:00Z`."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _given(call: Call, desk: str, known: RotaDocument | None) -> tuple[SourceFile, RotaDocument]:
    """The document a command is about: the desk's own, a named one, or a calendar in what is there."""
    path: Path | None = call.words.path
    config = documents.config_folder(call.settings.config_dir)
    if path is None:
        found = rota_documents.document_of(config, desk)
        if found is None:
            raise Refused(f"The configuration folder has no rota for desk {desk}.")
        return found
    path = call.cwd / path
    if path.name.endswith(ENDING):
        if known is None:
            if desk not in documents.desk_names(config):
                raise Refused(f"Desk {desk} has no rota and no folder that tells its zone.")
            known = rota_documents.empty_document(documents.desk(config, desk).zone)
        tier = None if call.words.tier is None else Tier(call.words.tier)
        text = rota_documents.calendar_in(path)
        document = rota_documents.with_calendar(known, path.name, text, tier)
        return SourceFile("rota.yaml", document.text), document
    source = rota_documents.source_of(path)
    return source, rota_documents.with_calendars_beside(source, path.parent)


def _tell_complaints(complaints: tuple[Complaint, ...]) -> None:
    if blocks(complaints):
        raise Refused(documents.blocking(complaints))


def _row(who: str, what: str, before: Duty | None, after: Duty | None) -> dict[str, object]:
    return {"volunteer": who, "change": what, "before": _told(before), "after": _told(after)}


def _told(duty: Duty | None) -> str:
    if duty is None:
        return ""
    lasts = (duty.end - duty.start) / timedelta(hours=1)
    return f"{utc(duty.start)}/{utc(duty.end)} {duty.tier.value} ({lasts:g} h)"
