"""`./dev golden` writes the files anew that tests compare with. Read every difference before you keep it."""

from tests.architecture.tree import ROOT
from tests.transcripts.scenarios import played, scenarios
from triage.lint.notes import Note, notes

RULES_PAGE = ROOT / "docs" / "rules.md"
HEAD = """\
# The rules of the linter

What `hotline scripts lint` looks for, why, and what to do. This page is written from the rules' own files
(`triage/lint/`); `./dev golden` writes it anew. The names in brackets are requirements
([requirements.md](requirements.md)) and the sources behind them. Errors block publication, warnings do not.

No practitioner has reviewed these rules or the word lists behind them.
"""


def main() -> None:
    RULES_PAGE.write_text(rules_page(), encoding="utf-8")
    print(RULES_PAGE)
    for scenario in scenarios():
        scenario.golden.write_text(played(scenario), encoding="utf-8")
        print(scenario.golden)


def rules_page() -> str:
    """`docs/rules.md`."""
    return "\n".join([HEAD, *(_section(note) for note in notes().values())])


def _section(note: Note) -> str:
    says = note.says[0].upper() + note.says[1:]
    known = f"\nKnown by: {note.known_by}\n" if note.known_by else ""
    return f"## {note.rule}\n\n{says}\n\nReason: {note.reason}\n{known}\nCure: {note.cure}\n"


if __name__ == "__main__":
    main()
