"""An author's mistake: told, never raised (design §7, domain D)."""

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """Errors block publication; warnings are shown."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True, order=True)
class Issue:
    """One finding in a document.

    Attributes:
        file: file name as the author knows it, "" when there is none.
        line: 1-based line, 0 when unknown.
        column: 1-based column, 0 when unknown.
        rule: the rule's number ("D-03") or "spec" for a fault of form.
        severity: error or warning.
        path: where in the document: "steps.hello.ask.choices[2].to".
        message: what is wrong, and what to do about it.
    """

    file: str
    line: int
    column: int
    rule: str
    severity: Severity
    path: str
    message: str

    def __str__(self) -> str:  # pyright: ignore[reportImplicitOverride]  typing.override came with 3.12
        """`file:line:column: D-03 error: message (path)`, the form editors can jump to."""
        place = "".join(f":{number}" for number in (self.line, self.column) if number)
        return f"{self.file}{place}: {self.rule} {self.severity}: {self.message} ({self.path})"
