"""The budget of a run, and the rule by which a loop ends early: what is spent, what is told, how loops end."""
