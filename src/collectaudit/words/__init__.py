"""The words: lexicons as data, and where their patterns occur in a text."""
