"""Statutes as facts: citations, editions, what an amendment does to citations (法条与版本)."""
