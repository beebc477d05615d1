"""Diagnosis of the stores of routes, by asking them."""
