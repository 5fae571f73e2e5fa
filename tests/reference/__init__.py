"""Values from outside, each with its origin; none was printed by this code."""
