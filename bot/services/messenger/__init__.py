"""The volunteers' messengers: whose address is whose, and rows of what is posted there.

What stands there and what is done from there is `bot.services.staff`'s.
"""
