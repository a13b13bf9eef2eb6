"""`hotline signals`: what the lists of danger words find, line by line."""

import json
import sys
from typing import Any, cast

from bot.cli.call import DONE, REFUSED, Call, SubWords, add_word
from bot.services import documents
from triage.signals import Signals


def add(sub: SubWords) -> None:
    """Add the word."""
    parser = add_word(sub, "signals", "Find danger words: JSON lines in, JSON lines out.", find)
    parser.epilog = (
        'In, a line each: {"lang": "en", "text": "…"}. Out, in order: {"signals": ["medical"]}, sorted, of\n'
        "child, immediate_danger, medical, minor, suicide. A language without lists: all lists are tried.\n"
        'A line that cannot be read gives {"error": "…"} and exit 1 at the end. Nothing is kept.'
    )


def find(call: Call) -> int:
    """Answer every line of the standard input."""
    known = documents.signals(documents.config_folder(call.settings.config_dir))
    ended = DONE
    for line in sys.stdin:
        try:
            answer: dict[str, object] = {"signals": _found(known, line)}
        except ValueError as error:
            answer = {"error": str(error)}
            ended = REFUSED
        print(json.dumps(answer, ensure_ascii=False), flush=True)
    return ended


def _found(known: Signals, line: str) -> list[str]:
    try:
        plain: Any = json.loads(line)
    except ValueError:
        raise ValueError("not JSON") from None
    if not isinstance(plain, dict):
        raise ValueError("not an object")  # noqa: TRY004  one error for everything a line can be
    asked = cast("dict[str, Any]", plain)
    text, language = asked.get("text"), asked.get("lang")
    if not isinstance(text, str):
        raise ValueError("`text` is missing or no text")  # noqa: TRY004  same
    if language is not None and not isinstance(language, str):
        raise ValueError("`lang` is no language tag")
    return list(known.find(text, (language,) if language else None))
