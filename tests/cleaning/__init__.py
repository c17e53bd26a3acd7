"""Files that should not get through, and what becomes of them."""
