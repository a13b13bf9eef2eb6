"""The console: where volunteers answer, complete without JavaScript. Calls services, never the database."""
