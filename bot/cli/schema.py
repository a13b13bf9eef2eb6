"""`hotline schema`: JSON Schemas of what authors write, for editors that check while one types."""

import json
from typing import Final

from bot.cli.call import DONE, Call, SubWords, add_word
from triage.schema import script_schema, sheet_schema, texts_schema

SCHEMAS: Final = {"script": script_schema, "texts": texts_schema, "sheet": sheet_schema}


def add(sub: SubWords) -> None:
    """Add the word."""
    parser = add_word(sub, "schema", "Write the JSON Schema of a document, for an author's editor.", tell)
    parser.add_argument("document", choices=tuple(SCHEMAS), help="a script, its texts, or a sheet beside it")


def tell(call: Call) -> int:
    """Write one schema."""
    print(json.dumps(SCHEMAS[call.words.document](), ensure_ascii=False, indent=1))
    return DONE
