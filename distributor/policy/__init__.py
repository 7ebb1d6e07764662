"""DECIDE: pure functions of values and `now`. No I/O, no clock, no logging, no randomness of their own."""
