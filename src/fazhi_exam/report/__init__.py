"""Everything that leaves the house on paper or as a file (报告与文书)."""
