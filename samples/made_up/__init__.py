"""Made-up people, numbers and registers that the samples of several packs are written from. Nobody in them is real."""
