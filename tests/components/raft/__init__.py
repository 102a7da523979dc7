"""A berth that no program has: tests put it into a copy of the program's `components/berths`."""
