"""Tests of fazhi_exam.psychometrics."""
