"""What migration 0003 adds to the permission table; frozen with it, changed only by later ones."""

PERMISSIONS = (
    ("coordinator", "publish", "script"),
    ("coordinator", "sign", "script"),
)
