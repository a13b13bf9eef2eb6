"""Who answers for the line by law, and how: text in, frozen values and complaints out (design §7, B-113)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from handoff.document import Node, language, parse
from handoff.issue import Complaint, blocks

SPEC = 1
LONGEST = 1_000  # characters of a text shown on a page


@dataclass(frozen=True, slots=True)
class Accountability:
    """What an organisation decides and writes down before it opens.

    Attributes:
        controller: who is responsible by law for what is held.
        contact: how anybody reaches the controller; shown on the public page.
        assessed_on: the day the data-protection impact assessment was finished.
        decided_by: who decides when an authority asks for something.
        legal_requests: language → what is done then, as the public page tells it.
    """

    controller: str
    contact: str
    assessed_on: date
    decided_by: str
    legal_requests: Mapping[str, str]


def read_accountability(
    text: str, file: str, today: date
) -> tuple[Accountability | None, tuple[Complaint, ...]]:
    """The value an `accountability.yaml` describes, None when the document has errors."""
    root = parse(text, file)
    if root.value is None:
        return None, tuple(root.complaints)
    parts = ("controller", "impact_assessment", "legal_requests")
    fields = root.fields(("spec", *parts), required=("spec", *parts))
    if "spec" in fields and fields["spec"].whole() != SPEC:
        fields["spec"].complain(f"this release reads spec: {SPEC}")
    controller = _words(fields.get("controller"), ("name", "contact"))
    assessed = _assessed(fields.get("impact_assessment"), today)
    decided, told = _requests(fields.get("legal_requests"))
    complaints = tuple(sorted(root.complaints))
    if blocks(complaints) or assessed is None:
        return None, complaints
    return Accountability(controller["name"], controller["contact"], assessed, decided, told), complaints


def _words(node: Node | None, keys: tuple[str, ...]) -> dict[str, str]:
    if node is None:
        return {}
    fields = node.fields(keys, required=keys)
    return {key: word for key in fields if (word := _short(fields[key])) is not None}


def _short(node: Node) -> str | None:
    word = node.word()
    if word is not None and len(word) > LONGEST:
        node.complain(f"longer than {LONGEST} characters")
        return None
    return word


def _assessed(node: Node | None, today: date) -> date | None:
    if node is None:
        return None
    fields = node.fields(("done_on",), required=("done_on",))
    day = fields["done_on"].day() if "done_on" in fields else None
    if day is not None and day > today:
        fields["done_on"].complain("this day has not come yet; write the day it was finished")
        return None
    return day


def _requests(node: Node | None) -> tuple[str, dict[str, str]]:
    if node is None:
        return "", {}
    fields = node.fields(("decided_by", "told"), required=("decided_by", "told"))
    decided = _short(fields["decided_by"]) if "decided_by" in fields else None
    entries = (fields["told"].entries() or {}) if "told" in fields else {}
    told: dict[str, str] = {}
    for tag, entry in entries.items():
        named = Node(tag, entry.file, entry.path, entry.line, entry.complaints)
        text = _short(entry)
        if language(named) is not None and text is not None:
            told[tag] = text
    if "told" in fields and not entries:
        fields["told"].complain("write it in at least one language: `en: …`")
    return decided or "", told
