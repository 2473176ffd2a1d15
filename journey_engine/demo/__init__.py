"""The demo shop: three live journeys and a small shop's traffic, so that a new installation has something to show.

goods     what it sells
people    who comes by, drawn from a seed
visits    what they do on a visit, as events with pauses between them
journeys  the three journeys, with seconds for hours
traffic   visits in real time, through the public door
"""

from journey_engine.demo.traffic import main

__all__ = ["main"]
