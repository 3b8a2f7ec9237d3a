"""Carbon intensity from services on the network: asked for by hand alone, hour by hour, with kind and boundary."""
