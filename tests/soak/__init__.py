"""The cluster for a long time: rooms open and close, people come and go, and nothing piles up."""
