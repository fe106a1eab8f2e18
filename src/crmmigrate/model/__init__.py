"""The nouns of a migration. Nothing here reads a file of data, talks to a database or prints."""
