"""Scripts, their reading, linting and running, and the directory of resources. Pure.

Plain data, `now` and a seeded generator in, decisions out: no clock, dice, wire, environment,
database or asyncio. Imports nothing from `bot`, `channels` or `handoff`.
"""
