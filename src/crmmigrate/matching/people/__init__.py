"""Names of people taken apart, and what stands beside them in a cell."""
