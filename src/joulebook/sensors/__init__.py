"""The three doors, hardware: sensors, one file per source, behind `base.Sensor`."""
