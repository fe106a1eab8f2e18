"""Places in names and addresses: divisions of China, streets, towns abroad."""
