"""`hotline simulate`: play replies through a script and read what happens; nothing is kept."""

import sys
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bot.cli.call import DONE, REFUSED, Call, Refused, SubWords, WrongUse, add_word
from bot.services import documents
from bot.services.documents import Folder, ScriptSource
from bot.services.loading import load_library
from bot.services.premises import open_premises
from bot.services.simulating import ROTAS, Setting, desk_of, rehearse
from triage.issue import Severity
from triage.model import Script
from triage.reading import read_script
from triage.reading_texts import CHANNELS
from triage.simulator import UnreadableReply

PUBLISHED = "published"
LEGEND = """\
Replies, one per line: what she types; #2 taps choice 2; @+10m moves the clock; !accept, !decline, !close,
!nobody, !out_of_hours act as the hotline; !open opens the chat afresh; !media is a picture; // a comment.
In the transcript > is her, < the guide, [1] a choice, * an effect, ~ the clock.
"""


def add(sub: SubWords) -> None:
    """Add the word."""
    parser = add_word(sub, "simulate", "Play replies through a script and read the transcript.", play)
    parser.epilog = LEGEND
    parser.add_argument(
        "--script",
        metavar="S",
        help=f"a script's file or id, or `{PUBLISHED}`; default the configuration's first",
    )
    parser.add_argument("--language", metavar="L", help="tag of the language she reads")
    parser.add_argument("--now", metavar="ISO", help="the moment it begins; default now")
    parser.add_argument("--zone", metavar="Z", help="IANA zone; default the desk's")
    parser.add_argument("--region", metavar="R", help="whose numbers show while she chose no region")
    parser.add_argument("--channel", choices=CHANNELS, default="web")
    parser.add_argument(
        "--rota", choices=ROTAS, help="people on duty; nobody there; closed; default the desk's own rota"
    )
    parser.add_argument(
        "--desk", metavar="D", help="whose rules, rota and regions; default the settings' one"
    )
    parser.add_argument("--resources-as-of", metavar="DATE", type=date.fromisoformat)
    parser.add_argument("--replies", metavar="FILE", help="default the standard input")


def play(call: Call) -> int:
    """Print the transcript."""
    words, settings = call.words, call.settings
    config = documents.config_folder(settings.config_dir)
    desk = desk_of(config, _desk_name(config, words.desk or settings.desk))
    zone = _zone(words.zone or desk.zone)
    setting = Setting(
        channel=words.channel,
        desk=desk,
        rota=words.rota,
        zone=zone.key,
        country=words.region or desk.default_country,
        resources_as_of=words.resources_as_of,
        organisation=settings.organisation or documents.network(config).organisation,
    )
    script = _script(call, config)
    if words.language is not None and words.language not in script.languages:
        raise WrongUse(f"The script has no texts in {words.language}; it has: {', '.join(script.languages)}.")
    try:
        for line in rehearse(
            script, _replies(call), setting, config, now=_moment(call, zone), language=words.language
        ):
            print(line)
    except UnreadableReply as error:
        print(f"hotline: {error}", file=sys.stderr)
        return REFUSED
    return DONE


def _script(call: Call, config: Folder) -> Script:
    typed: str | None = call.words.script
    settings = call.settings
    if typed == PUBLISHED:
        with open_premises(settings) as premises, premises.read() as connection:
            library = load_library(
                connection, premises.vault, settings.config_dir, call.now, settings.mode.value
            )
        number = library.revision_for(settings.desk)
        if number not in library.signed:
            print(f"hotline: revision {number}: not signed / not reviewed", file=sys.stderr)
        return library.scripts[number]
    source = _source(call, config / documents.SCRIPTS, typed)
    script, issues = read_script(source.document, source.texts)
    if script is None:
        for issue in issues:
            if issue.severity is Severity.ERROR:
                print(issue, file=sys.stderr)
        raise Refused(f"{source.document.name} has errors and cannot be played.")
    return script


def _source(call: Call, ours: Folder, typed: str | None) -> ScriptSource:
    """The script a word means: none the first of the configuration, an id one of them, else a file."""
    if typed is None:
        return documents.script_sources(ours)[0]
    file = call.cwd / typed
    is_id = not file.is_file() and Path(typed).name == typed and not typed.endswith(".yaml")
    sources = documents.script_sources(ours if is_id else file.parent)
    wanted = f"{typed}.yaml" if is_id else file.name
    source = next((one for one in sources if one.document.name == wanted), None)
    if source is None:
        known = ", ".join(one.name for one in documents.script_sources(ours))
        raise Refused(
            f"{typed}: there is no such script. The configuration has: {known}; "
            f"else name a file such as default.yaml, or `{PUBLISHED}`."
        )
    return source


def _desk_name(config: Folder, typed: str) -> str:
    known = documents.desk_names(config)
    if typed not in known:
        raise WrongUse(f"There is no desk {typed}; there are: {', '.join(known)}.")
    return typed


def _replies(call: Call) -> list[str]:
    path: str | None = call.words.replies
    if path is None or path == "-":
        return sys.stdin.read().splitlines()
    return documents.text_of(call.cwd / path).splitlines()


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise WrongUse(f"{name} is not a time zone such as Europe/Bucharest.") from None


def _moment(call: Call, zone: ZoneInfo) -> datetime:
    typed: str | None = call.words.now
    if typed is None:
        return call.now
    try:
        at = datetime.fromisoformat(typed)
    except ValueError:
        raise WrongUse(f"{typed} is not a moment such as 2026-11-20T21:00.") from None
    return at.replace(tzinfo=zone) if at.tzinfo is None else at
