"""What was asked for, beside what was found: what is missed is said, and ends the bench with 1."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Aim:
    """What was asked for: at `least`, or else at most."""

    what: str
    found: float
    asked: float
    least: bool = True

    @property
    def reached(self) -> bool:
        """Whether it was; a figure that is none (nan) reaches nothing."""
        return self.found >= self.asked if self.least else self.found <= self.asked

    def told(self) -> str:
        """One line, with MISSED at its end where it was."""
        asked = f"asked for: at {'least' if self.least else 'most'} {self.asked:g}"
        return f"{self.what:56}{self.found:12.2f}   {asked}{'' if self.reached else '   MISSED'}"


def ending(aims: list[Aim]) -> int:
    """Print each aim; 1 as soon as one is missed, else 0."""
    for aim in aims:
        print(aim.told(), flush=True)
    return 0 if all(aim.reached for aim in aims) else 1
