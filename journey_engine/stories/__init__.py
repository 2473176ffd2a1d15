"""Golden stories: a journey, what customers did and when, and what came of it, in files that a shop keeps.

    journey: ../journeys/abandoned_cart.yaml        or the drawing itself
    begins: 2026-03-02T09:00+08:00                  optional
    cast: {ann: {email: ann@mail.example}}          optional; everybody has an external_id
    events:
      - {at: 0s, who: ann, event: Cart Updated, with: {cart_id: c1}}
      - {at: 1d, do: pause}
    until: 10d                                      optional; how long the clock runs on
    expect:
      ann:
        - walk: left:next sms:next end
          end: "completed: end"

Stories are told in the world in memory by the engine's own stages, on a clock of their own; nothing is sent.
"""
