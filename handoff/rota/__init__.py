"""The rota: who said she would be there, on the wall clock of the desk, and who is on duty at a moment.

`pattern` is its vocabulary, `reading` makes one from a document, `resolve` answers questions (PR11).
"""
