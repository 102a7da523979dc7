"""The rooms of the house: one ComponentResource each."""
