"""What was decided stays recorded (存档): sittings, answers, results, and who changed what."""

from .store import Recorded, SittingSummary, Store, open_store

__all__ = ["Recorded", "SittingSummary", "Store", "open_store"]
