"""A container's confinement, weakened at each of five layers: each finds what it can know; the table says what not."""
