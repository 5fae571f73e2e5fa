"""Statistics of counts and rates: arrays in, arrays out; it knows nothing of exams.

Each module holds one idea and is imported by its own name, so that importing the package
costs nothing.
"""
