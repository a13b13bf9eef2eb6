"""The clean script, and what each fault file makes of it: changed by id, as text, so that lines stay true."""

import re
from pathlib import Path

from triage.lint.check import WordLists
from triage.model import Script
from triage.reading import SourceFile, read_script

HERE = Path(__file__).parent
LANGUAGES = ("en", "ro")
FAULT = re.compile(r"# fault\b")
_STEP = re.compile(r"^  (\w+):")
_TEXT = re.compile(r"^([\w.]+):")

WORDS = {
    "en": WordLists(
        why_forms=("why",),
        blame_forms=("you should have",),
        sensitive=("violen*", "police*"),
        orders=("you must",),
        promises=("you are safe",),
        identifying=("your name",),
        media_requests=("send a photo",),
        self_harm_wording=("commit suicide",),
        graphic=("stab*",),
        mutualising=("quarrel*",),
        gendered=("husband*",),
        jargon=("perpetrator*",),
        vague_time=("recently",),
        minimising=("simply",),
        negative_questions=("don't you",),
        interrogatives=("where", "do you"),
        negations=("nobody",),
        instruments=("does he own a gun",),
    ),
    "ro": WordLists(why_forms=("de ce",), sensitive=("violen*", "soț*"), interrogatives=("unde",)),
}
GLOBALS: dict[str, dict[str, tuple[str, ...]]] = {
    "en": {"hide": ("hide",), "stop": ("stop",), "help_now": ("help now",), "person": ("person",)},
    "ro": {"hide": ("ascunde",), "stop": ("opreste",), "help_now": ("ajutor",), "person": ("om",)},
}
SERVICE_NAMES = ("Casa Verde",)


def faults() -> list[str]:
    """Names of all faults, in order."""
    names = {path.name.partition(".")[0] for path in HERE.glob("*.yaml")}
    return sorted(names - {"clean"})


def sources(fault: str | None = None) -> dict[str, SourceFile]:
    """The script ("") and its texts (by language), with the fault in it."""
    found: dict[str, SourceFile] = {}
    for part in ("", *LANGUAGES):
        ending = f".{part}.yaml" if part else ".yaml"
        lines = (HERE / f"clean{ending}").read_text().splitlines()
        change = HERE / f"{fault}{ending}"
        if fault and change.exists():
            lines = _changed(lines, change.read_text().splitlines(), _TEXT if part else _STEP)
        found[part] = SourceFile(f"{fault or 'clean'}{ending}", "\n".join(lines) + "\n")
    return found


def told_at(fault: str) -> tuple[str, int]:
    """File and line of the fault: where it is marked, else line 1 of the script that lacks something."""
    found = sources(fault)
    marked = [
        (source.name, number)
        for source in found.values()
        for number, line in enumerate(source.text.splitlines(), start=1)
        if FAULT.search(line)
    ]
    assert len(marked) <= 1, f"{fault} marks more than one line"
    return marked[0] if marked else (found[""].name, 1)


def script(fault: str | None = None) -> Script:
    """The script as the reader gives it; a fault is one of content, never of form."""
    found = sources(fault)
    read, issues = read_script(found[""], {language: found[language] for language in LANGUAGES})
    assert read is not None, issues
    return read


def _changed(lines: list[str], change: list[str], head: re.Pattern[str]) -> list[str]:
    """`lines` with the blocks of `change` in place of those of the same head; `-` after a head drops one."""
    blocks = _blocks(lines, head)
    for name, block in _blocks(change, head).items():
        if not name:
            continue
        if block[0].rstrip().endswith(": -"):
            del blocks[name]
        else:
            blocks[name] = block
    return [line for block in blocks.values() for line in block]


def _blocks(lines: list[str], head: re.Pattern[str]) -> dict[str, list[str]]:
    blocks: dict[str, list[str]] = {"": []}
    name = ""
    for line in lines:
        if found := head.match(line):
            name = found.group(1)
        blocks.setdefault(name, []).append(line)
    return blocks
