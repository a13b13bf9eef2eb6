"""Matrix as a channel: end-to-end encrypted, on a loop of its own over `nio.AsyncClient`.

Reading order: `channel` (the port), `syncing` (one answer of the homeserver becomes one batch), `machine`
(what is done to nio's cryptography and why), `trust` (who may read), `sending`.
"""
