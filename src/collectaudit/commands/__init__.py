"""The commands: words on the command line → calls below → text."""
