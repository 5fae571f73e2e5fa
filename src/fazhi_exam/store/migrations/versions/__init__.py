"""One file per change; a released file is never edited."""
