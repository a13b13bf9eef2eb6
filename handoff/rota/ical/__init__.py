"""iCalendar (RFC 5545): calendars in, and feeds out. A stranger's file is hostile until it is read.

`lines` and `values` are its grammar, `vtimezone` the zones it brings along, `reading` what a rota takes
from it, `reduced` what is kept of a file, `feed` what volunteers' calendars are told.
"""
