"""What a private chat with a bot can do, and its measures as the Bot API documents them."""

from datetime import timedelta

from channels.message import Capabilities

MOST_TEXT = 4_096  # UTF-16 units in one message
MOST_DELETED = 100  # messages in one call
DELETES_WITHIN = timedelta(hours=48)

CAPABILITIES = Capabilities(
    buttons=True,
    edits=True,
    deletes_ours=True,
    deletes_hers=True,
    delete_within=DELETES_WITHIN,
    confirms_delivery=False,
    replays=False,
    tells_presence=False,
    silent=True,
    protects=True,
    encryption="transport",
    max_text=MOST_TEXT,
    max_label=64,
    max_choices=12,
    max_inbound=MOST_TEXT,
    notes={
        "encryption": "Telegram keeps every line on its servers and can read it.",
        "edits": "An edit is not known to raise a notification; to be checked on real phones.",
        "deletes_hers": "In private chats for both sides, within 48 hours of each message.",
        "replays": "The Bot API knows no transaction ids: what was sent twice shows twice.",
        "tells_presence": "Bots are not told whether a chat is open, or whether a line was read.",
    },
)
