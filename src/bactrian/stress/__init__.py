"""Stress: what breaks the corridor, what that costs, and what would protect."""
