"""Data that has to move when routes change."""
