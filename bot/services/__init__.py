"""What the hotline does, as functions of a transaction: intake, turns, hand-off, hiding, erasure.

Everything here is synchronous and runs inside one transaction of `bot.store.store.Store`; `now` is an
argument. Services see the store's tables, the vault, and the pure packages; never a web framework,
a channel adapter or the clock.
"""
