"""`hotline rota`: who is on duty, and taking a rota in."""

import json
from datetime import UTC, datetime
from pathlib import Path

from bot.cli.call import DONE, Call, Refused, SubWords, WrongUse, add_format, add_word, add_words, show
from bot.services import audit, documents, publishing, rotas, shift_checks
from bot.services.premises import Premises, Transaction, open_premises
from bot.store.moments import to_moment
from handoff.rota.resolve import on_duty
from handoff.shifts import allowed
from triage.reading import SourceFile

MOST_TOLD = 20


def add(sub: SubWords) -> None:
    """Add the words."""
    words = add_words(add_word(sub, "rota", "Who is on duty; take a rota in."))
    duty = add_word(words, "on-duty", "Who is on duty at a moment, and from when to when.", tell)
    duty.add_argument("--at", default="now", metavar="T", help="2026-11-20T21:00+02:00, or now (default)")
    duty.add_argument("--desk", help="default the one of the settings")
    add_format(duty, default="json")
    taking = add_word(words, "import", "Put a rota file in the place of the desk's rota.", take)
    taking.add_argument(
        "path", nargs="?", type=Path, help="default the desk's file in the configuration folder"
    )
    taking.add_argument("--desk", help="default the one of the settings")


def tell(call: Call) -> int:
    """The final duty at a moment (PR11)."""
    at = moment(call.words.at, call.now)
    desk = call.words.desk or call.settings.desk
    with open_premises(call.settings) as premises, premises.read() as connection:
        rota = rotas.load(connection, premises.vault, call.now).get(desk)
    if rota is None:
        raise Refused(f"Desk {desk} has no rota. Write one, then `hotline rota import`.")
    rows = [
        {
            "volunteer": duty.volunteer,
            "tier": duty.tier.value,
            "start": _utc(duty.start),
            "end": _utc(duty.end),
        }
        for duty in on_duty(rota, at.replace(microsecond=0))
    ]
    if call.words.format == "json":
        print(json.dumps(rows, ensure_ascii=False))
    else:
        show(call, rows)
    return DONE


def take(call: Call) -> int:
    """Import a rota file; errors keep the one that is there."""
    desk, path = call.words.desk or call.settings.desk, call.words.path
    if path is None:
        source = documents.rota_text(documents.config_folder(call.settings.config_dir), desk)
        if source is None:
            raise Refused(f"The configuration folder has no rota for desk {desk}.")
    else:
        source = SourceFile(path.name, documents.text_of(call.cwd / path))
    with open_premises(call.settings) as premises, premises.write() as connection:
        warnings = rotas.import_rota(connection, premises.vault, desk, source, call.now)
        now = to_moment(call.now)
        told = _speaks_against(connection, premises, call, desk)
        audit.record(connection, premises.vault, audit.PROGRAM, "import", "rota", (desk,), now)
    for one in (*warnings, *told):
        print(one)
    print(f"The rota of desk {desk} has been taken in.")
    return DONE


def moment(typed: str, now: datetime) -> datetime:
    """`now`, or a moment with its offset. Raises `WrongUse`."""
    if typed == "now":
        return now
    try:
        at = datetime.fromisoformat(typed)
    except ValueError:
        raise WrongUse(f"{typed} is not a moment such as 2026-11-20T21:00+02:00.") from None
    if at.tzinfo is None:
        raise WrongUse(f"{typed} has no offset; write it as {typed}+02:00 or {typed}Z.")
    return at


def _speaks_against(connection: Transaction, premises: Premises, call: Call, desk: str) -> tuple[str, ...]:
    """What speaks against planned duties of the next weeks; what is hard keeps the rota that is there."""
    house, vault = premises.house(), premises.vault
    house.library = publishing.load_library(connection, vault, call.settings.config_dir, call.now)
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


def _utc(at: datetime) -> str:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")
