"""Tests of fazhi_exam; the folders mirror the package."""
