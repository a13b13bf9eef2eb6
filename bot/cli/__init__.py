"""The command line: one file per command word, thin; what is done lies in `bot.services`.

Exit: 0 done, 1 refused or findings, 2 wrong usage.
"""
