"""Tests of the statistics of counts and rates."""
