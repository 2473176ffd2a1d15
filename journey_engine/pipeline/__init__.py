"""The stages, as data flows: ingest, match, enroll, advance (conducted by turn), deliver, receive, report, tick."""
