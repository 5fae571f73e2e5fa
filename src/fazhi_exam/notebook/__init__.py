"""Panels for notebooks and web pages (面板): thin over the public verbs."""

from .exam_setup import ExamSetupPanel
from .recipe import Recipe

__all__ = ["ExamSetupPanel", "Recipe"]
