"""What the stores of routes really do, found by asking them."""
