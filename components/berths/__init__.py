"""Where services run: a folder a berth, and what all of them share."""
