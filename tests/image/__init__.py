"""The sample service's image: built once, looked at and run for real."""
