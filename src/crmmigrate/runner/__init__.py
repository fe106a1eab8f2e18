"""Runs stages: the workspace on disk, batches, row accounting, resume, opening of sources and targets."""
