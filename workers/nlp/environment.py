"""What a process that runs Stanza must have in its environment when it starts. Light, for the supervisor reads it.

glibc gives the large short-lived buffers of a parse back to the kernel and fetches them anew, page by page, for every
sentence; telling it to keep them, in huge pages, is worth about a third of the drafting speed. One thread per process
and one process per core is the fastest use of a machine: the networks are too small to be shared out.
"""

from __future__ import annotations

from collections.abc import Mapping

WORKER_ENVIRONMENT: Mapping[str, str] = {
    "MALLOC_MMAP_THRESHOLD_": "4294967296",
    "MALLOC_TRIM_THRESHOLD_": "8589934592",
    "MALLOC_TOP_PAD_": "268435456",
    "THP_MEM_ALLOC_ENABLE": "1",
    "OMP_NUM_THREADS": "1",
}
