"""What a shared case is: pure values and state machines, with no I/O, no clock and no event loop."""
