"""A desk's rota as it was written: `rota.yaml`, and the calendar files beside it, as one sealed document."""

import io
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, cast

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from bot.services.documents import Folder, UnusableFile, blocking, rota_text, text_of
from handoff.issue import Complaint
from handoff.model import Tier
from handoff.rota.ical.lines import LARGEST, NotACalendar, decoded
from handoff.rota.ical.reduced import reduced
from handoff.rota.pattern import Rota
from handoff.rota.reading import calendar_files, read_rota
from triage.reading import SourceFile

ENDING: Final = ".ics"
_MARK: Final = b"hearthline/rota/2\n"
_ANY_DAY: Final = date(2000, 1, 1)


@dataclass(frozen=True, slots=True)
class RotaDocument:
    """What an author wrote: the document, and calendars by file name, reduced to what a rota reads."""

    text: str
    calendars: Mapping[str, str] = field(default_factory=dict[str, str])

    def to_bytes(self) -> bytes:
        """The whole as it is sealed; a document without calendars is its own text."""
        if not self.calendars:
            return self.text.encode()
        plain = {"rota.yaml": self.text, "calendars": dict(sorted(self.calendars.items()))}
        return _MARK + json.dumps(plain, ensure_ascii=False).encode()

    @staticmethod
    def from_bytes(content: bytes) -> "RotaDocument":
        """What `to_bytes` made."""
        if not content.startswith(_MARK):
            return RotaDocument(content.decode())
        plain = json.loads(content.removeprefix(_MARK))
        return RotaDocument(plain["rota.yaml"], plain["calendars"])

    def read(self, name: str, today: date) -> tuple[Rota | None, tuple[Complaint, ...]]:
        """The rota in it, with everything its author should be told."""
        return read_rota(self.text, name, today, self.calendars)


def document_of(config: Folder, desk: str) -> tuple[SourceFile, RotaDocument] | None:
    """A desk's files in a configuration folder, None if it has no rota. Raises UnusableFile."""
    source = rota_text(config, desk)
    if source is None:
        return None
    return source, with_calendars_beside(source, config / "desks" / desk)


def with_calendars_beside(source: SourceFile, folder: Folder) -> RotaDocument:
    """A document with the calendar files it names, from its own folder, reduced. Raises UnusableFile."""
    files = [folder / name for name in calendar_files(source.text, source.name)]
    # One that is not there is told by the reader, with the line that asks for it.
    return RotaDocument(source.text, {one.name: calendar_in(one) for one in files if one.is_file()})


def calendar_in(file: Folder) -> str:
    """One calendar file, reduced to what a rota reads: no title, no note, no address. Raises UnusableFile."""
    try:
        with file.open("rb") as opened:
            return reduced(decoded(opened.read(LARGEST + 1)))
    except OSError as error:
        raise UnusableFile(f"{file.name}: it cannot be read ({error.strerror})") from None
    except NotACalendar as fault:
        raise UnusableFile(f"{file.name}:{fault.line}: error: {fault}") from None


def with_calendar(document: RotaDocument, name: str, text: str, tier: Tier | None) -> RotaDocument:
    """The document with a calendar in it, named among its `calendars`.

    `tier` is that of its shifts: primary where none is given and the calendar is new. Raises UnusableFile
    where the document is not readable.
    """
    reader: Any = YAML(typ="rt", pure=True)
    try:
        plain = cast("dict[str, Any]", reader.load(document.text))
        lines = plain.setdefault("calendars", [])
        line = next((each for each in lines if each.get("file") == name), None)
    except (YAMLError, AttributeError, TypeError):
        raise UnusableFile("the desk's rota is not readable; mend its document first") from None
    if line is None:
        lines.append({"file": name, "tier": (tier or Tier.PRIMARY).value})
    elif tier is not None:
        line["tier"] = tier.value
    told = io.StringIO()
    reader.dump(plain, told)
    return RotaDocument(told.getvalue(), {**document.calendars, name: text})


def empty_document(zone: str) -> RotaDocument:
    """A rota with nobody in it yet, to hang a calendar on."""
    return RotaDocument(f"zone: {zone}\nshifts: []\n")


def write(document: RotaDocument, folder: Path) -> list[Path]:
    """Write the document's files into a folder, as `import` reads them."""
    folder.mkdir(parents=True, exist_ok=True)
    files = {"rota.yaml": document.text, **document.calendars}
    for name, text in files.items():
        # iCalendar wants its own ends of lines, whatever the system's are.
        (folder / name).write_bytes(text.encode())
    return [folder / name for name in files]


def source_of(path: Path) -> SourceFile:
    """A rota file as it is told of."""
    return SourceFile(path.name, text_of(path))


@lru_cache(maxsize=64)
def read_stored(content: bytes, name: str) -> Rota:
    """The rota of a sealed document, read once per process. Raises UnusableFile.

    It was searched for warnings when it was taken in.
    """
    document = RotaDocument.from_bytes(content)
    rota, complaints = read_rota(document.text, name, _ANY_DAY, document.calendars, advise=False)
    if rota is None:
        raise UnusableFile(blocking(complaints))
    return rota
