"""Tests of blueprints, forms and draws."""
