"""Journeys as code: a journey as a file that can be kept beside a shop's own, checked, compared and applied."""
