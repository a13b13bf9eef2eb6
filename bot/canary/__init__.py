"""A process apart that writes to the line as anybody would, and calls when no answer comes (B-145)."""
