"""What migration 0007 adds to the permission table; frozen with it, changed only by later ones."""

PERMISSIONS = (
    ("coordinator", "edit", "block"),
    ("coordinator", "view", "block"),
    ("supervisor", "edit", "block"),
    ("supervisor", "view", "block"),
)
