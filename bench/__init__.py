"""Measuring: what the engine does in a second on this machine, and what each customer and event costs."""
