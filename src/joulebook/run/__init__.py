"""What stands inside somebody's program: runs, their stages and loops, and the look ahead."""

from joulebook.run.running import Run, start
from joulebook.run.stages import Stage
from joulebook.run.track import Track, track

__all__ = ["Run", "Stage", "Track", "start", "track"]
