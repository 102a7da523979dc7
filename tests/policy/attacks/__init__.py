"""Ways past the rules, each of which has to meet a mandatory finding, and what looks alike and does no harm."""
