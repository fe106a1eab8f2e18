"""What is put right in a whole table before its records are compared: cells that changed places, hold several things, or say of a record what its columns should."""
