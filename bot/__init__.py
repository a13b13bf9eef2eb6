"""The host: joins channels, triage and handoff, and owns all I/O that is not a channel.

Imports point down: cli → app → web | workers | scheduler → services → store | vault → model.
"""
