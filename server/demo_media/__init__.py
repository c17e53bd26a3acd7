"""The images of the demo's cases: real ones, free to use, from packages; what they show is nobody of the demo."""
