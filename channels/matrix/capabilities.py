"""What a room on Matrix can do; apart from the rest, since a command needs no client to know it."""

from typing import Final

from channels.matrix.translate import MAX_TEXT
from channels.message import Capabilities

CAPABILITIES: Final = Capabilities(
    buttons=False,
    edits=True,
    deletes_ours=True,
    deletes_hers=True,
    delete_within=None,
    confirms_delivery=False,
    replays=True,
    tells_presence=False,
    silent=True,
    protects=False,
    encryption="end-to-end",
    max_text=8_000,
    max_label=200,
    max_choices=10,
    max_inbound=MAX_TEXT,
    leaves=True,
    notes={
        "silent": "Sent as notices, which clients show silently; a server may wake a phone before that.",
        "deletes_hers": "Where her room lets us, in ours always. Other servers may keep their copies.",
        "replays": "The homeserver shows one transaction once, for a day.",
    },
)
