"""The work on uploads: claimed from the database, fetched from quarantine, cleaned in a child, put where viewers read."""
