"""Measurements, not tests: `make bench`. Ratios of one run count, single times do not."""
