"""The work on uploads: claimed, fetched from quarantine, cleaned in a child, put where viewers read."""
