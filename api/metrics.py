"""Numbers of this process for Prometheus; those of the whole installation are read from the database when asked."""

from prometheus_client import CollectorRegistry, Counter, Histogram

REGISTRY = CollectorRegistry()

EVENTS = Counter(
    "journey_events", "Events taken in, by door and what became of them", ["door", "status"], registry=REGISTRY
)
REQUESTS = Histogram(
    "journey_request_seconds",
    "How long requests took",
    ["endpoint", "method", "status"],
    registry=REGISTRY,
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10),
)
