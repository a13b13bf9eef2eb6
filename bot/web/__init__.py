"""The host's own web pages: console, feeds, health; aiohttp handlers that call one service each."""
