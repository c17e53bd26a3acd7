"""What may stay in a medical image and what must go: the rules of PS3.15 Annex E as data and pure functions."""
