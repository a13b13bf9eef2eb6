"""The script linter: says where a script could do harm before anyone reads it (design §7, domain D).

Pure. One rule per file, named by its number; `check.py` lists them and runs them. A rule takes a `Draft`
(the script, its graph, its wordings and the word lists of its languages) and yields issues; it never raises
for an author's mistake. Imports `triage.model`, `triage.issue` and its own files only.
"""
