"""What a loop will have taken at its end, from its finished steps: pure, online, with a 90 % interval."""
