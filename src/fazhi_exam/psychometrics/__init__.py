"""Item response theory on arrays (心理测量引擎): numpy and scipy alone, no exam vocabulary."""
