"""The cluster under faults: every part killed, frozen, cut off and slowed under load, and the books checked after."""
