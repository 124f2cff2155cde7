"""What the pages are made of; see docs/decisions/0009-dashboard.md."""
