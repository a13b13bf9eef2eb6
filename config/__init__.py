"""Data only: scripts, texts, words, signals, resources and desks, read through importlib.resources."""
