"""From groups to golden records: decisions found again, values that survive, children repointed, the crosswalk."""
