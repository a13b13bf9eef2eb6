"""What stands beside the scripts goes through the linter as well: sheets of texts (D-55)."""

from collections.abc import Iterable

from bot.services import documents
from bot.services.documents import Folder
from bot.services.judging import SERVICE_NAMES
from triage.issue import Issue
from triage.lint.d55_sheets import check_sheet
from triage.reading import SourceFile
from triage.sheets import read_sheet


def lint_sheets(sources: Iterable[SourceFile], config: Folder, organisation: str = "") -> list[Issue]:
    """Everything that is wrong with sheets, with the words of `config`."""
    words = documents.word_lists(config)
    service_names = (*SERVICE_NAMES, *((organisation,) if organisation else ()))
    issues: list[Issue] = []
    for source in sources:
        sheet, found = read_sheet(source)
        issues.extend(found)
        if sheet is not None:
            issues.extend(check_sheet(sheet, words, service_names))
    return issues
