"""What a document is made of once its form is read: nodes that know their place."""

from dataclasses import dataclass, field


@dataclass(slots=True)
class Node:
    """One node: a scalar (`value`), a list (`items`) or a mapping (`entries`), and its place (1-based)."""

    line: int
    column: int
    kind: str  # "scalar", "list" or "mapping"
    value: str = ""
    is_null: bool = False
    items: list["Node"] = field(default_factory=list["Node"])
    entries: dict[str, "Node"] = field(default_factory=dict[str, "Node"])
    keys: dict[str, "Node"] = field(default_factory=dict[str, "Node"])

    @property
    def is_scalar(self) -> bool:
        """True for a scalar that is not null."""
        return self.kind == "scalar" and not self.is_null
