"""What services stand on and use: a folder a room, with its settings, their checks and its component."""
