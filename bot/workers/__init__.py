"""Loops that keep things moving: inbox to turns, outbox to channels, deadlines to deeds."""
