"""What runs workloads here: a driver for each kind that a Plan may declare, and what none of them takes."""
