"""An author's mistake in a rota or desk document: told with file and line, never raised."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Complaint:
    """One finding in a document of this package.

    Attributes:
        file: file name as the author knows it.
        line: 1-based line, 0 when unknown.
        path: where in the document: "shifts[2].from".
        message: what is wrong, and what to do about it.
        warning: True when the document can be used all the same.
    """

    file: str
    line: int
    path: str
    message: str
    warning: bool = False

    def __str__(self) -> str:  # pyright: ignore[reportImplicitOverride] -- typing.override came with 3.12
        """`file:line: error: message (path)`, the form editors can jump to."""
        severity = "warning" if self.warning else "error"
        return f"{self.file}:{self.line}: {severity}: {self.message} ({self.path})"


def blocks(complaints: tuple[Complaint, ...]) -> bool:
    """Whether any of these is more than a warning."""
    return any(not complaint.warning for complaint in complaints)
