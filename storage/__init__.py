"""Durability behind small ports: each port has an adapter in memory and a real one, held to one contract suite."""
