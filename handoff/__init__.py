"""From "someone is needed" to "closed": queue, offers, deadlines, relay, rota. Pure.

Plain data and `now` in, decisions out: no clock, dice, wire, environment, database or asyncio.
Imports nothing from `bot`, `channels` or `triage`.
"""
