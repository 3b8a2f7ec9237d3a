"""The real binding (nvidia-ml-py, ctypes) over a small library in C in the place of the driver's."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys

import pytest

STUB = r"""
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
typedef void *dev;
static double now(void) { struct timespec t; clock_gettime(CLOCK_BOOTTIME, &t); return t.tv_sec + t.tv_nsec * 1e-9; }
static int asked;
int nvmlInitWithFlags(unsigned f) { return 0; }
int nvmlShutdown(void) { return 0; }
int nvmlDeviceGetCount_v2(unsigned *n) { *n = 2; return 0; }
int nvmlDeviceGetHandleByIndex_v2(unsigned i, dev *d) { *d = (dev)(uintptr_t)(i + 1); return 0; }
int nvmlDeviceGetHandleByUUID(const char *u, dev *d) { *d = (dev)(uintptr_t)(u[4] - '0'); return 0; }
int nvmlDeviceGetUUID(dev d, char *b, unsigned n) { snprintf(b, n, "GPU-%d000-stub", (int)(uintptr_t)d); return 0; }
int nvmlDeviceGetName(dev d, char *b, unsigned n) { snprintf(b, n, d == (dev)1 ? "NVIDIA H100" : "NVIDIA A40"); return 0; }
int nvmlDeviceGetTotalEnergyConsumption(dev d, unsigned long long *e) {
  if (d == (dev)2) return 3;
  if (getenv("STUB_HANGS") && asked++ > 3) pause();
  *e = (unsigned long long)(now() * 300000.0);
  return 0;
}
typedef struct { unsigned field, scope; int64_t t, late; int type, status; union { double d; unsigned u; } value; } one;
int nvmlDeviceGetFieldValues(dev d, int n, one *v) {
  for (int i = 0; i < n; i++) {
    v[i].status = v[i].scope ? 3 : 0;
    v[i].type = 1;
    v[i].value.u = v[i].field == 186 ? 123456 : 120000;
  }
  return 0;
}
int nvmlDeviceGetMigMode(dev d, unsigned *a, unsigned *b) { return 3; }
int nvmlDeviceGetArchitecture(dev d, unsigned *a) { *a = d == (dev)1 ? 9 : 7; return 0; }
int nvmlDeviceGetPowerManagementLimitConstraints(dev d, unsigned *a, unsigned *b) { *a = 100000; *b = 700000; return 0; }
"""
READ = """
import json, time
from joulebook.sensors.nvml import Nvml
sensor = Nvml()
first = [r.raw for r in sensor.read()]
time.sleep(0.5)
print(json.dumps([[c._asdict() for c in sensor.channels], first, [r.raw for r in sensor.read()], sensor.notes]))
sensor.close()
"""
HANG = """
import time
from joulebook.sensors.detached import Detached, Patience
from joulebook.sensors.nvml import Nvml
sensor = Detached(Nvml, "nvml", patience=Patience(late_s=0.3))
for _ in range(30):
    found = sensor.read()
    time.sleep(0.05)
print([reading.raw is None for reading in found], sensor.notes)
sensor.close()
"""


@pytest.fixture(scope="module")
def library(tmp_path_factory):
    """The folder of a libnvidia-ml.so.1 that answers like a machine with an H100 and an A40."""
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None or not sys.platform.startswith("linux"):
        pytest.skip("needs a C compiler")
    folder = tmp_path_factory.mktemp("nvml")
    (folder / "stub.c").write_text(STUB)
    command = [compiler, "-shared", "-fPIC", "-w", "-o", folder / "libnvidia-ml.so.1", folder / "stub.c"]
    subprocess.run(command, check=True)
    return folder


def run(code, folder, **more):
    env = dict(os.environ, LD_LIBRARY_PATH=str(folder)) | more
    command = [sys.executable, "-c", code]
    return subprocess.run(command, env=env, capture_output=True, text=True, timeout=30, check=False)


def test_binding_is_called_as_it_wants_to_be(library):
    done = run(READ, library)
    assert done.returncode == 0, done.stderr
    channels, first, second, notes = json.loads(done.stdout)
    assert [(c["name"], c["device"], c["form"], c["limit_w"]) for c in channels] == [
        ("NVIDIA H100 GPU-1000-stu", "GPU-1000-stub", "counter", 1400.0),
        ("NVIDIA A40 GPU-2000-stu", "GPU-2000-stub", "power", 1400.0),
    ]
    assert 100e6 < second[0] - first[0] < 10_000e6  # 300 W for half a second or, on a busy machine, more
    assert second[1] == 123_456_000
    assert notes == []


def test_call_that_hangs_in_the_library_holds_up_neither_the_reader_nor_the_end(library):
    done = run(HANG, library, STUB_HANGS="1")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("[True, False] ['nvml: no answer for 0.3 s")


def test_without_the_library_the_reason_has_a_remedy(tmp_path):
    code = "from joulebook.sensors.nvml import Nvml\ntry: Nvml()\nexcept Exception as e: print(repr(e), e.remedy)"
    done = run(code, tmp_path)
    if "SensorUnavailable" not in done.stdout:
        pytest.skip("there is a driver")
    assert "NVML Shared Library Not Found" in done.stdout
    assert "--gpus all" in done.stdout
