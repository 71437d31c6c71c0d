"""Eyes and ears: what rendered pieces measure, by roads that know nothing of how they were made."""
