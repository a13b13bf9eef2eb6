"""What can be wrong with rows that are well formed; each finding names its file and line (PR13, D-53)."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from triage.directory_model import GLOBAL, UNION, Confidence, Kind, Resource, Scope
from triage.directory_reading import Row
from triage.issue import Issue, Severity
from triage.opening_hours import clock_change_faults, faults, parse

LONGEST_ID = 80
_LONG = 7  # digits from which an ending is no coincidence
_DIALLED = frozenset("0123456789+*# ")


def lint(
    rows: Iterable[Row], *, today: date, retired: Mapping[str, Iterable[str]], to_ring: bool = False
) -> tuple[Issue, ...]:
    """Look for faults in rows of one or several files.

    Args:
        rows: what was read.
        today: for rows whose end has passed and for clock changes of this year and the next.
        retired: country → numbers that must never be listed again.
        to_ring: the rows are the list of those to be rung, which holds low confidence and nothing else.
    """
    known = list(rows)
    issues = [issue for row in known for issue in _row_issues(row, today, retired, to_ring=to_ring)]
    return tuple(sorted((*issues, *_repeated(known))))


def digits(number: str) -> str:
    """A number as it compares: without spaces and signs."""
    return "".join(letter for letter in number if letter in "0123456789*#")


def _row_issues(
    row: Row, today: date, retired: Mapping[str, Iterable[str]], *, to_ring: bool
) -> Iterator[Issue]:
    resource = row.resource
    yield from _id_issues(row)
    yield from _place_issues(row)
    yield from _number_issues(row, retired)
    yield from _hours_issues(row, today)
    low = resource.confidence is Confidence.LOW
    if low and not to_ring:
        yield _issue(row, "PR13", "confidence", "low confidence: move it to to-ring.yaml until it is rung")
    if to_ring and not low:
        yield _issue(row, "PR13", "confidence", "well sourced: move it to its country's file")
    if not resource.ways and not to_ring:
        yield _issue(row, "PR13", "phone", "there is no way to reach it")
    if resource.valid_until is not None and resource.valid_until < today:
        yield _issue(row, "D-53", "valid_until", "its end has passed: it is not sent", Severity.WARNING)
    if not resource.languages and resource.country != UNION:
        yield _issue(row, "B-125", "languages", "name at least one language")
    if resource.service is None and resource.kind is Kind.EMERGENCY:
        yield _issue(row, "spec", "service", "say who answers: all, police, ambulance or text")
    if resource.service is not None and resource.kind is not Kind.EMERGENCY:
        yield _issue(row, "spec", "service", "only an emergency row has a service")
    if "regist" in resource.notes.casefold() and resource.sms and not resource.needs_registration:
        yield _issue(
            row,
            "PR13",
            "needs_registration",
            "the notes speak of registration: set it, or say in the notes that none is needed",
            Severity.WARNING,
        )


def _id_issues(row: Row) -> Iterator[Issue]:
    resource = row.resource
    start = f"{resource.country.lower()}.{resource.kind}."
    slug = resource.id.removeprefix(start)
    well_formed = slug and all(letter.isascii() and (letter.isalnum() or letter == "-") for letter in slug)
    if slug == resource.id or not well_formed or slug != slug.lower():
        yield _issue(row, "spec", "id", f"must be `{start}<name>`, the name in a-z, 0-9 and -")
    if len(resource.id) > LONGEST_ID:
        yield _issue(row, "spec", "id", f"is longer than {LONGEST_ID} characters")


def _place_issues(row: Row) -> Iterator[Issue]:
    resource = row.resource
    if resource.region and not resource.region.startswith(f"{resource.country}-"):
        yield _issue(row, "B-128", "region", f"must begin with `{resource.country}-`")
    expected = {GLOBAL: Scope.GLOBAL, UNION: Scope.EU}.get(
        resource.country, Scope.LOCAL if resource.region else Scope.NATIONAL
    )
    if resource.scope is not expected:
        why = "its region is part of a country" if resource.region else f"it stands under {resource.country}"
        yield _issue(row, "B-128", "scope", f"must be `{expected}`, as {why}")


def _number_issues(row: Row, retired: Mapping[str, Iterable[str]]) -> Iterator[Issue]:
    resource = row.resource
    gone = [digits(number) for number in retired.get(resource.country, ())]
    for key in ("phone", "display", "sms", "whatsapp"):
        number = str(getattr(resource, key))
        if not set(number) <= _DIALLED:
            yield _issue(row, "spec", key, "holds something that cannot be dialled; words belong into `name`")
        if any(_same(digits(number), old) for old in gone):
            yield _issue(row, "PR13", key, "this number is retired and must not be listed again")
    for key in ("chat_url", "website"):
        address = str(getattr(resource, key))
        if address and not address.startswith(("https://", "http://")):
            yield _issue(row, "spec", key, "must begin with https://")
    if resource.free is None and resource.cost.casefold().startswith(("yes", "no ")):
        yield _issue(row, "spec", "free", "`cost` says it; set it")


def _same(number: str, old: str) -> bool:
    """Equal, or one written with the country's code or trunk zero and the other without."""
    bare = old.lstrip("0")
    return number == old or (len(bare) >= _LONG and number.endswith(bare))


def _hours_issues(row: Row, today: date) -> Iterator[Issue]:
    resource = row.resource
    zone = _zone(resource)
    if resource.zone and zone is None:
        yield _issue(row, "B-131", "zone", f"`{resource.zone}` is no time zone, such as Europe/Bucharest")
    if not resource.hours:
        return
    hours = parse(resource.hours)
    if hours is None:
        yield _issue(
            row, "B-131", "hours", "is not understood: write it as `Mon-Fri 08:00-20:00`, or leave it out"
        )
        return
    if not hours.always and not resource.zone:
        yield _issue(row, "B-131", "zone", "is missing: without it nobody knows whether it is open now")
    for fault in faults(hours):
        yield _issue(row, "B-131", "hours", fault)
    if zone is not None:
        for year in (today.year, today.year + 1):
            for fault in clock_change_faults(hours, zone, year):
                yield _issue(row, "B-131", "hours", fault, Severity.WARNING)


def _zone(resource: Resource) -> ZoneInfo | None:
    try:
        return resource.time_zone
    except (ZoneInfoNotFoundError, ValueError):
        return None


def _repeated(rows: list[Row]) -> Iterator[Issue]:
    ids: dict[str, Row] = {}
    numbers: dict[tuple[str, str], Row] = {}
    for row in rows:
        resource = row.resource
        first = ids.setdefault(resource.id, row)
        if first is not row:
            yield _issue(row, "spec", "id", f"is used before, in {first.file}:{first.line}")
        if resource.phone:
            first = numbers.setdefault((resource.country, digits(resource.phone)), row)
            if first is not row:
                yield _issue(row, "spec", "phone", f"is listed before, in {first.file}:{first.line}")
    for row in rows:
        if row.resource.second_to and row.resource.second_to not in ids:
            yield _issue(row, "spec", "second_to", f"there is no `{row.resource.second_to}`")


def _issue(row: Row, rule: str, key: str, message: str, severity: Severity = Severity.ERROR) -> Issue:
    return Issue(row.file, row.line, 0, rule, severity, f"{row.resource.id}.{key}", message)
