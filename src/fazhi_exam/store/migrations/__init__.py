"""Changes of the store's tables, oldest first."""
