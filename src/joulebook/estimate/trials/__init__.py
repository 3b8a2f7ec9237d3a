"""What a search takes: how many trainings, how much of each, by grid, at random, guided by a model."""
