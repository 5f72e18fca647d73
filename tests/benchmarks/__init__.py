"""Benchmarks, run by `make bench`. Compare times of one run only: machines differ."""
