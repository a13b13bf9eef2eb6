"""The clean script, and what each fault file makes of it: changed by id, as text, so that lines stay true.

Beside a script a fault may be one of the global words (`<fault>.globals.yaml`), of what is known beside the
script (`<fault>.facts.yaml`), of a sheet (`<fault>.sheet.yaml`), or of an organisation's own data
(`<fault>.launch.yaml`).
"""

import re
from dataclasses import fields, replace
from datetime import date
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from triage.issue import Issue
from triage.lint.check import Facts, WordLists, check
from triage.lint.d52_region_pack import PARTS
from triage.lint.d55_sheets import check_sheet
from triage.lint.facts import Trial
from triage.lint.launch import LaunchFacts, PublishedRow, RegionPack, Signature, Uncovered
from triage.lint.launch_rules import check_for_launch
from triage.model import Script
from triage.reading import SourceFile, read_script
from triage.sheets import read_sheet

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
        validating=("thank you",),
        hidden_doers=("were hurt",),
        removal_steps=("remove*",),
        says_safety_first=("safety",),
        says_removal_noticed=("can be noticed",),
        says_keep_proof=("keep*",),
        says_leaving_danger=("danger*",),
    ),
    "ro": replace(
        WordLists(
            **{field.name: ("xyz",) for field in fields(WordLists) if not field.name.startswith("says_")}
        ),
        why_forms=("de ce",),
        sensitive=("violen*", "soț*"),
        interrogatives=("unde",),
        validating=("mulțumesc",),
        says_safety_first=("siguranța",),
        says_removal_noticed=("se poate observa",),
        says_keep_proof=("păstrează",),
        says_leaving_danger=("pericol*",),
    ),
}
GLOBALS: dict[str, dict[str, tuple[str, ...]]] = {
    "en": {"hide": ("hide",), "stop": ("stop",), "help_now": ("help now",), "person": ("person",)},
    "ro": {"hide": ("ascunde",), "stop": ("opreste",), "help_now": ("ajutor",), "person": ("om",)},
}
SERVICE_NAMES = ("Casa Verde",)
_TRIED = Trial(meant=30, missed=(), others=30, false_alarms=())
_OF_ALL = dict.fromkeys(("immediate_danger", "medical", "minor", "suicide"), _TRIED)
CLEAN_FACTS = Facts(
    trials=dict.fromkeys(LANGUAGES, _OF_ALL), today=date(2026, 11, 20), reviewed_on=date(2026, 11, 1), seed=4
)
CLEAN_LAUNCH = LaunchFacts(
    today=date(2026, 11, 20),
    desk="north",
    packs=(RegionPack("RO", frozenset(PARTS)),),
    rows=(PublishedRow("ro.x", False, date(2026, 11, 1), "Rowan", "Alder"),),
    digest="d1",
    signatures=(Signature("Rowan", True, "d1"), Signature("Alder", False, "d1")),
    uncovered=(),
)


def faults() -> list[str]:
    """Names of all faults, in order."""
    names = {path.name.partition(".")[0] for path in HERE.glob("*.yaml")}
    return sorted(names - {"clean"})


def issues(fault: str | None = None) -> tuple[Issue, ...]:
    """Everything the linter finds in what the fault is one of."""
    if fault and (HERE / f"{fault}.sheet.yaml").exists():
        return check_sheet(sheet(fault), WORDS, SERVICE_NAMES)
    if fault and is_launch(fault):
        return check_for_launch(launch(fault))
    return check(script(fault), WORDS, global_words(fault), SERVICE_NAMES, facts(fault))


def plain(fault: str | None, ending: str) -> Any:
    """A file beside the fault as plain data, {} where there is none."""
    file = HERE / f"{fault}.{ending}.yaml"
    return YAML(typ="safe", pure=True).load(file.read_text()) if file.exists() else {}


def global_words(fault: str | None = None) -> dict[str, dict[str, tuple[str, ...]]]:
    """The words that work everywhere, with the fault's own in place of the clean ones."""
    changed = plain(fault, "globals")
    return {
        language: {**actions, **{name: tuple(words) for name, words in changed.get(language, {}).items()}}
        for language, actions in GLOBALS.items()
    }


def facts(fault: str | None = None) -> Facts:
    """What is known beside the script."""
    trials = {
        language: {signal: Trial(**trial) for signal, trial in by_signal.items()}
        for language, by_signal in plain(fault, "facts").pop("trials", {}).items()
    }
    known = replace(CLEAN_FACTS, **{k: v for k, v in plain(fault, "facts").items() if k != "trials"})
    clean = CLEAN_FACTS.trials or {}
    return replace(known, trials={tag: {**clean[tag], **trials.get(tag, {})} for tag in clean})


def is_launch(fault: str) -> bool:
    """True for a fault of an organisation's own data, which has no line."""
    return (HERE / f"{fault}.launch.yaml").exists()


def sheet(fault: str) -> Any:
    """The sheet with the fault."""
    read, found = read_sheet(SourceFile(f"{fault}.sheet.yaml", (HERE / f"{fault}.sheet.yaml").read_text()))
    assert read is not None, found
    return read


def launch(fault: str | None = None) -> LaunchFacts:
    """What the organisation holds: everything, but for the fault."""
    changed = plain(fault, "launch")
    made: dict[str, Any] = {
        "packs": tuple(
            RegionPack(one["region"], frozenset(PARTS) - set(one["lacks"]), frozenset(one.get("absent", ())))
            for one in changed.get("packs", ())
        ),
        "rows": tuple(PublishedRow(**{"emergency": False, **one}) for one in changed.get("rows", ())),
        "signatures": tuple(Signature(**one) for one in changed.get("signatures", ())),
        "uncovered": tuple(Uncovered(**one) for one in changed.get("uncovered", ())),
    }
    given = {name: value for name, value in made.items() if name in changed}
    more = {name: value for name, value in changed.items() if name not in made}
    return replace(CLEAN_LAUNCH, **given, **more)


def sources(fault: str | None = None) -> dict[str, SourceFile]:
    """The script ("") and its texts (by language), with the fault in it."""
    found: dict[str, SourceFile] = {}
    for part in ("", *LANGUAGES):
        ending = f".{part}.yaml" if part else ".yaml"
        lines = (HERE / f"clean{ending}").read_text().splitlines()
        change = HERE / f"{fault}{ending}"
        if fault and change.exists():
            changed = change.read_text().splitlines()
            lines = _changed(lines, changed, _TEXT if part else _STEP)
            if not part:
                head = [line for line in changed[: changed.index("steps:")] if not line.startswith("#")]
                lines[lines.index("steps:") : lines.index("steps:")] = head
        found[part] = SourceFile(f"{fault or 'clean'}{ending}", "\n".join(lines) + "\n")
    return found


def told_at(fault: str) -> tuple[str, int]:
    """File and line of the fault: where it is marked, else line 1 of the script that lacks something."""
    found = sources(fault)
    rule = fault.partition("_")[0]
    beside = [
        SourceFile(path.name, path.read_text())
        for path in HERE.glob(f"{fault}.*.yaml")
        if path.name.split(".")[1] == "sheet"
    ]
    marked = [
        (source.name, number)
        for source in (*found.values(), *beside)
        for number, line in enumerate(source.text.splitlines(), start=1)
        if FAULT.search(line)
    ]
    assert len(marked) <= 1, f"{fault} marks more than one line"
    of_english = rule in {"d51", "d54"}  # words of a language are told in its text file
    return marked[0] if marked else (found["en" if of_english else ""].name, 1)


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
