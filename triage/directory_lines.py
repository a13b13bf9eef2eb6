"""How a resource is told: its number and country first, its name last (B-130, D-20, D-23)."""

from collections.abc import Callable, Mapping
from datetime import datetime

from triage.directory_emergency import emergencies
from triage.directory_model import Directory, Found, Group, Hit, Kind, Mark, Mode, Resource
from triage.directory_needs import DANGER, Audience
from triage.directory_search import Search
from triage.opening_hours import grouped

LONGEST = 300  # characters of one message (D-23)
NEUTRAL = 80  # characters a locked screen may show (D-20)
_MOST_LANGUAGES = 4
_LANGUAGES, _GROUPS, _HOURS = "languages", "groups", "hours"
_LEFT_OUT_FIRST = (_GROUPS, _LANGUAGES, _HOURS)

Words = Callable[[str], str]
Names = Mapping[str, str]

# Texts of the guide, in every published language; names come from `bot.services.resources.names`.
WORDS = frozenset(
    {
        "word.resource_unchecked",
        "word.resource_stale",  # {month}
        "word.closed_now",  # {opens}
        "word.open_now",
        "word.free",
    }
)


def lines(hit: Hit, language: str, words: Words, names: Names) -> str:
    """Tell one resource in at most `LONGEST` characters.

    The number, its country, the mark and warnings are never left out; of what does not fit, who is
    served goes first, then languages, then hours, and the name is cut last. The name comes after the
    first `NEUTRAL` characters. A web address is told only where there is no number to give.

    Args:
        hit: what `triage.directory.find` found.
        language: tag of the language she reads.
        words: look-up of `WORDS` in that language.
        names: places by code, and the other names of that language; what is missing is left out or
            told by its code, as a number without a name is better than no number.
    """
    name = _name(hit.resource, language)
    text = _told(hit, name, words, names, ())
    for count in range(1, len(_LEFT_OUT_FIRST) + 1):
        if len(text) <= LONGEST:
            return text
        text = _told(hit, name, words, names, _LEFT_OUT_FIRST[:count])
    too_long = len(text) - LONGEST
    if too_long <= 0:
        return text
    return _told(hit, _cut(name, len(name) - too_long), words, names, _LEFT_OUT_FIRST)


def emergency_line(
    directory: Directory,
    *,
    region: str | None,
    desk_country: str | None,
    names: Names,
    now: datetime,
    mode: str,
) -> str:
    """The one emergency number to ring, with its country: "112 (Romania)"; "" if the directory has none."""
    search = Search(directory, region, DANGER, "", now, Mode(mode), desk_country, Audience.ADULT)
    hits, _ = emergencies(search)
    rows = [hit.resource for hit in hits if hit.resource.phone]
    return f"{rows[0].display or rows[0].phone} ({_place(rows[0], names)})" if rows else ""


def open_line(found: Found, words: Words, names: Names) -> str:
    """The first line of `found` that can be rung now: "0800 1 (Romania), not yet checked by us"; else "".

    Its name is left out, as this may be said before the notice (D-20).
    """
    for hit in (*found.rows, *found.more):
        row = hit.resource
        if row.phone and hit.open_now and row.kind is not Kind.EMERGENCY and not row.needs_registration:
            mark = _mark(hit, words, names).rstrip(".")
            return ", ".join(
                part for part in (f"{row.display or row.phone} ({_place(row, names)})", mark) if part
            )
    return ""


def _told(hit: Hit, name: str, words: Words, names: Names, left_out: tuple[str, ...]) -> str:
    row = hit.resource
    neutral = [
        _row(_numbers(hit), _place(row, names)),
        _row(
            _open_state(hit, words, names),
            "" if _HOURS in left_out else _hours(row, names),
            _cost(row, words, names),
            "" if _LANGUAGES in left_out else _languages(row, names),
        ),
        _mark(hit, words, names),
        names.get("resource.registered_only", "") if row.needs_registration else "",
        names.get("resource.not_for_danger", "") if row.non_emergency else "",
    ]
    if hit.mark is None or len(_column(neutral)) < NEUTRAL:
        # From the number to call in an emergency nobody is sent to look for another one.
        rung = row.kind is Kind.EMERGENCY and row.phone and not hit.silent
        neutral.append(names.get(f"resource.can_change{'_emergency' if rung else ''}", ""))
    groups = "" if _GROUPS in left_out else _groups(row, names)
    return _column([*neutral, _row(name, groups), _address(hit)])


def _row(*parts: str) -> str:
    return " · ".join(part for part in parts if part)


def _column(parts: list[str]) -> str:
    return "\n".join(part for part in parts if part)


def _numbers(hit: Hit) -> str:
    row = hit.resource
    written = (f"SMS {row.sms}" if row.sms else "", f"WhatsApp {row.whatsapp}" if row.whatsapp else "")
    return _row(*written) if hit.silent else _row(row.display or row.phone, *written)


def _address(hit: Hit) -> str:
    row = hit.resource
    if _numbers(hit):
        return ""
    return row.chat_url or row.website or row.email


def _place(row: Resource, names: Names) -> str:
    # A place or language that an organisation added without a name is told by its code: the number matters.
    country = names.get(row.country, row.country)
    return f"{names.get(row.region, row.region)}, {country}" if row.region else country


def _open_state(hit: Hit, words: Words, names: Names) -> str:
    if hit.open_now:
        return words("word.open_now")
    if hit.next_opening is None:
        return ""
    opens = f"{names.get(f'day.{hit.next_opening.weekday()}', '')} {hit.next_opening:%H:%M}"
    return words("word.closed_now").format(opens=opens)


def _hours(row: Resource, names: Names) -> str:
    if not row.phone and not row.writes:
        return ""  # only a page
    hours = row.opening
    if hours is None:
        return row.hours_as_given or names.get("hours.unknown", "")
    if hours.always:
        return names.get("hours.always", "")
    told = "; ".join(f"{_days(first, last, names)} {times}" for (first, last), times in grouped(hours))
    return told if hours.open_on_holidays else _row(told, names.get("hours.not_on_holidays", ""))


def _days(first: int, last: int, names: Names) -> str:
    if (first, last) == (0, 6):
        return names.get("hours.daily", "")
    named = [names.get(f"day.{day}", "") for day in dict.fromkeys((first, last))]
    return "-".join(named)


def _cost(row: Resource, words: Words, names: Names) -> str:
    if row.free is None:
        return names.get("cost.unknown", "") if row.phone or row.sms else ""
    return words("word.free") if row.free else names.get("cost.some", "")


def _languages(row: Resource, names: Names) -> str:
    named = [names.get(f"language.{tag}", tag) for tag in row.languages]
    rest = len(named) - _MOST_LANGUAGES
    return ", ".join(named[:_MOST_LANGUAGES]) + (f" +{rest}" if rest > 0 else "")


def _mark(hit: Hit, words: Words, names: Names) -> str:
    match hit.mark:
        case None:
            return ""
        case Mark.UNCHECKED:
            return words("word.resource_unchecked")
        case Mark.STALE:
            year, _, month = (hit.month or "").partition("-")
            named = names.get(f"month.{int(month)}", month)
            return words("word.resource_stale").format(month=f"{named} {year}")


def _groups(row: Resource, names: Names) -> str:
    """Who is served, where it is not everybody."""
    if row.kind is Kind.EMERGENCY or row.only_for or {Group.WOMEN, Group.MEN, Group.MINORS} <= row.groups:
        return ""
    if {Group.WOMEN, Group.MEN} <= row.groups:
        return names.get("for.adults", "")
    told = (group for group in (Group.WOMEN, Group.MEN, Group.MINORS) if group in row.groups)
    return ", ".join(names.get(f"for.{group}", "") for group in told)


def _name(row: Resource, language: str) -> str:
    """Its own name to whoever reads a language it speaks, else the English one, which explains itself."""
    primary = language.partition("-")[0]
    speaks = any(tag.partition("-")[0] == primary for tag in row.languages)
    return row.name_local if row.name_local and speaks else row.name


def _cut(name: str, longest: int) -> str:
    return name[: max(longest - 1, 0)].rstrip() + "…"
