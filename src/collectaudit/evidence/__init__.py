"""The originals, the log of what was done to them, and the check of both."""
