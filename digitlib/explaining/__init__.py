"""Look inside a network: what its layers compute, what an answer rests on, what fools it."""
