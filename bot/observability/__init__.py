"""Logs, counters and redaction: nothing a person wrote or is may pass through here."""
