"""Volunteers on messengers: linking an address, what is posted there, and what she does from there.

Nothing here decides about a chat: acts go through `bot.services.desk` as those of the console do, and what
stands on a volunteer's messenger is derived from the database again and again (`mirror`), so that a crash,
a close or a hide needs no word of its own.
"""
