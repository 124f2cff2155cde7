"""How well the words are found, measured on rows that a person has judged."""
