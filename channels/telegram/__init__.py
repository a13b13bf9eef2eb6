"""Telegram: private chats with one bot, over the Bot API.

Pure parts: `translate`, `marks`, `cursor`, `gathering`, `capabilities`. The wire: `transport`, `wire`,
`failures`, `limiter`. What runs: `polling`, `webhook`, `sending`. `channel` joins them and is what the host
imports; `profile` is for its commands. A second bot is a second `Telegram` with another name and token.
"""
