"""Ways in and out: one port, its adapters, and nothing of the host.

An adapter translates between one chat network and the plain values of `channels.message`.
It imports the port and the pure modules beside it, never another adapter and nothing from
`bot`, `triage` or `handoff`.
"""
