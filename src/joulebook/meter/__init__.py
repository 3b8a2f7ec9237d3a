"""From readings to energy: the poller, integration, device timelines, claims and shares."""
