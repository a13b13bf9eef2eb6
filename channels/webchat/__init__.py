"""The web chat: a page, its wire, and the adapter behind it.

Pure parts: `protocol`, `floods`, `words`. State: `views`, `gathering`, `reception`. Edges: `sockets`,
`polling`, `forms`, `admission`, `pages`. `channel` joins them and is all that the host imports.
"""
